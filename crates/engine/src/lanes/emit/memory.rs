//! Memory that holds machine code: written first, then made executable and never written again.

use memmap2::{Mmap, MmapMut};

/// Machine code, ready to be called.
#[derive(Debug)]
pub(super) struct Code {
    memory: Mmap,
}

/// A kernel's signature. Its one argument is the table of [`super::table`]. The same convention on every system.
// SAFETY: the condition is that of `Code::call`.
type Entry = unsafe extern "sysv64" fn(*mut *mut u8);

impl Code {
    /// Copies the code to pages of its own; none where the system refuses to make pages executable.
    pub(super) fn new(code: &[u8]) -> Option<Code> {
        let mut memory = MmapMut::map_anon(code.len()).ok()?;
        memory.copy_from_slice(code);
        Some(Code { memory: memory.make_exec().ok()? })
    }

    /// Runs it.
    ///
    /// # Safety
    /// It is a whole kernel for this processor, and the table holds what it expects.
    pub(super) unsafe fn call(&self, table: *mut *mut u8) {
        // SAFETY: the memory begins with the kernel's first instruction, is executable, and lives as long as `self`.
        unsafe {
            let entry = std::mem::transmute::<*const u8, Entry>(self.memory.as_ptr());
            entry(table);
        }
    }
}
