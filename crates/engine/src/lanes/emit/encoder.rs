//! The bytes of the few instructions that lane programs need: EVEX for AVX-512, VEX for AVX2, and the loops around them.

/// A general register, by its number.
pub(super) type General = u8;
pub(super) const RAX: General = 0;
pub(super) const RCX: General = 1;
pub(super) const RDX: General = 2;
pub(super) const RBX: General = 3;
pub(super) const RSP: General = 4;
pub(super) const RBP: General = 5;
pub(super) const RSI: General = 6;
pub(super) const RDI: General = 7;
/// A register for passing use, which the caller does not keep.
pub(super) const R11: General = 11;

/// A vector register, by its number.
pub(super) type Register = u8;

/// Bits of a vector: 128, 256 or 512.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    X = 0,
    Y = 1,
    Z = 2,
}

/// An instruction on vectors: its prefix, its map and its byte.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// 1: 0F, 2: 0F38, 3: 0F3A.
    pub map: u8,
    /// 0: none, 1: 66, 2: F3, 3: F2.
    pub prefix: u8,
    pub w: bool,
    pub byte: u8,
}

/// The last operand.
#[derive(Clone, Copy)]
pub(super) enum Operand {
    Register(Register),
    Memory(Address),
    /// One number of the constants, by its place.
    Constant(usize),
}

/// A place in memory: base, index times 2^scale, and a distance.
#[derive(Clone, Copy)]
pub(super) struct Address {
    pub base: General,
    pub index: Option<(General, u8)>,
    pub distance: i32,
    /// One number for all lanes (AVX-512).
    pub is_broadcast: bool,
}

pub(super) fn at(base: General, distance: i32) -> Address {
    Address { base, index: None, distance, is_broadcast: false }
}

pub(super) fn indexed(base: General, index: General, distance: i32) -> Address {
    Address { base, index: Some((index, 0)), distance, is_broadcast: false }
}

/// Which lanes are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lanes {
    All,
    /// Those of the mask; the others keep what they have (memory) or what the instruction says.
    Of(u8),
    /// Those of the mask; the others become 0.
    OrZero(u8),
}

/// A place to jump to.
#[derive(Clone, Copy)]
pub(super) struct Label(usize);

/// Machine code in the making.
pub(super) struct Encoder {
    pub code: Vec<u8>,
    is_evex: bool,
    /// Bytes of one number, and of a constant's place.
    item: usize,
    constant: usize,
    labels: Vec<Option<usize>>,
    /// Jumps: where their distance stands, and to what.
    jumps: Vec<(usize, Label)>,
    /// Constants: where their distance stands, the end of the instruction, and which.
    constants: Vec<(usize, usize, usize)>,
}

/// Conditions of jumps, for unsigned numbers.
pub(super) const BELOW: u8 = 2;
pub(super) const ABOVE_EQUAL: u8 = 3;
pub(super) const EQUAL: u8 = 4;
pub(super) const NOT_EQUAL: u8 = 5;
pub(super) const ABOVE: u8 = 7;
/// For signed ones.
pub(super) const GREATER: u8 = 15;
pub(super) const GREATER_EQUAL: u8 = 13;
pub(super) const LESS_EQUAL: u8 = 14;

impl Encoder {
    pub(super) fn new(is_evex: bool, item: usize) -> Encoder {
        Encoder {
            code: Vec::new(),
            is_evex,
            item,
            constant: if is_evex { item } else { 32 },
            labels: Vec::new(),
            jumps: Vec::new(),
            constants: Vec::new(),
        }
    }

    /// An empty one for the same family.
    pub(super) fn another(&self) -> Encoder {
        Encoder::new(self.is_evex, self.item)
    }

    /// `reg <- form(source, last)`, with as many immediate bytes as given.
    pub(super) fn vector(
        &mut self,
        width: Width,
        form: Form,
        (reg, source, last): (Register, Register, Operand),
        lanes: Lanes,
        immediate: Option<u8>,
    ) {
        let (r, r_high) = (reg >> 3 & 1, reg >> 4 & 1);
        let (x, b) = match last {
            Operand::Register(rm) => (rm >> 4 & 1, rm >> 3 & 1),
            Operand::Memory(at) => (at.index.map_or(0, |(index, _)| index >> 3 & 1), at.base >> 3 & 1),
            Operand::Constant(_) => (0, 0),
        };
        let is_broadcast = match last {
            Operand::Register(_) => false,
            Operand::Memory(at) => at.is_broadcast,
            // A broadcast that is a whole instruction reads one number without being told.
            Operand::Constant(_) => !matches!((form.map, form.byte), (2, 0x18 | 0x19)),
        };
        if self.is_evex {
            let (mask, zero) = match lanes {
                Lanes::All => (0, 0),
                Lanes::Of(mask) => (mask, 0),
                Lanes::OrZero(mask) => (mask, 1),
            };
            self.code.extend([
                0x62,
                (1 - r) << 7 | (1 - x) << 6 | (1 - b) << 5 | (1 - r_high) << 4 | form.map,
                u8::from(form.w) << 7 | (!source & 15) << 3 | 4 | form.prefix,
                zero << 7 | (width as u8) << 5 | u8::from(is_broadcast) << 4 | (!source >> 4 & 1) << 3 | mask,
            ]);
        } else {
            self.code.extend([
                0xc4,
                (1 - r) << 7 | (1 - x) << 6 | (1 - b) << 5 | form.map,
                u8::from(form.w) << 7 | (!source & 15) << 3 | (width as u8) << 2 | form.prefix,
            ]);
        }
        self.code.push(form.byte);
        let unit = match (self.is_evex, is_broadcast) {
            (false, _) => 1,
            (true, true) => self.item as i32,
            (true, false) => form.unit(width),
        };
        self.last(reg, last, unit, immediate);
    }

    /// ModRM, SIB, distance and immediate byte. One byte of distance counts in units.
    fn last(&mut self, reg: u8, last: Operand, unit: i32, immediate: Option<u8>) {
        let reg = (reg & 7) << 3;
        match last {
            Operand::Register(rm) => self.code.push(0xc0 | reg | rm & 7),
            Operand::Memory(at) => {
                let small = i8::try_from(at.distance / unit).ok().filter(|_| at.distance % unit == 0);
                let mode = match small {
                    Some(0) if at.base & 7 != 5 => 0,
                    Some(_) => 0x40,
                    None => 0x80,
                };
                match at.index {
                    Some((index, scale)) => {
                        self.code.extend([mode | reg | 4, scale << 6 | (index & 7) << 3 | at.base & 7]);
                    }
                    None if at.base & 7 == 4 => self.code.extend([mode | reg | 4, 0x24]),
                    None => self.code.push(mode | reg | at.base & 7),
                }
                match (mode, small) {
                    (0x40, Some(small)) => self.code.push(small as u8),
                    (0x80, _) => self.code.extend(at.distance.to_le_bytes()),
                    _ => {}
                }
            }
            Operand::Constant(place) => {
                self.code.push(reg | 5);
                let distance = self.code.len();
                self.code.extend([0; 4]);
                self.constants.push((distance, distance + 4 + usize::from(immediate.is_some()), place));
            }
        }
        self.code.extend(immediate);
    }

    /// A 64-bit instruction with one operand byte: `byte reg, last`.
    fn general(&mut self, byte: u8, reg: General, last: Operand) {
        let (x, b) = match last {
            Operand::Register(rm) => (0, rm >> 3 & 1),
            Operand::Memory(at) => (at.index.map_or(0, |(index, _)| index >> 3 & 1), at.base >> 3 & 1),
            Operand::Constant(_) => (0, 0),
        };
        self.code.extend([0x48 | (reg >> 3 & 1) << 2 | x << 1 | b, byte]);
        self.last(reg, last, 1, None);
    }

    pub(super) fn load(&mut self, to: General, from: Address) {
        self.general(0x8b, to, Operand::Memory(from));
    }

    pub(super) fn store(&mut self, to: Address, from: General) {
        self.general(0x89, from, Operand::Memory(to));
    }

    pub(super) fn load_address(&mut self, to: General, from: Address) {
        self.general(0x8d, to, Operand::Memory(from));
    }

    pub(super) fn copy(&mut self, to: General, from: General) {
        self.general(0x8b, to, Operand::Register(from));
    }

    pub(super) fn add(&mut self, to: General, from: Operand) {
        self.general(0x03, to, from);
    }

    pub(super) fn subtract(&mut self, to: General, from: Operand) {
        self.general(0x2b, to, from);
    }

    pub(super) fn compare(&mut self, a: General, b: Operand) {
        self.general(0x3b, a, b);
    }

    pub(super) fn multiply(&mut self, to: General, from: Operand) {
        let Operand::Memory(at) = from else { return };
        // imul: 0F AF
        self.code.extend([0x48 | (to >> 3 & 1) << 2 | at.base >> 3 & 1, 0x0f, 0xaf]);
        self.last(to, from, 1, None);
    }

    /// `to <- from` where the last comparison gave `condition`.
    pub(super) fn copy_if(&mut self, condition: u8, to: General, from: General) {
        self.code.extend([0x48 | (to >> 3 & 1) << 2 | from >> 3 & 1, 0x0f, 0x40 | condition]);
        self.last(to, Operand::Register(from), 1, None);
    }

    pub(super) fn set(&mut self, to: General, number: i32) {
        self.code.extend([0x48 | to >> 3 & 1, 0xc7, 0xc0 | to & 7]);
        self.code.extend(number.to_le_bytes());
    }

    pub(super) fn add_number(&mut self, to: General, number: i32) {
        self.code.extend([0x48 | to >> 3 & 1, 0x81, 0xc0 | to & 7]);
        self.code.extend(number.to_le_bytes());
    }

    /// `to <- to & !63`
    pub(super) fn align(&mut self, to: General) {
        self.code.extend([0x48 | to >> 3 & 1, 0x83, 0xe0 | to & 7, 0xc0]);
    }

    pub(super) fn push(&mut self, register: General) {
        self.code.extend([0x40 | register >> 3 & 1, 0x50 | register & 7]);
    }

    pub(super) fn pop(&mut self, register: General) {
        self.code.extend([0x40 | register >> 3 & 1, 0x58 | register & 7]);
    }

    /// `vzeroupper; ret`
    pub(super) fn finish(&mut self) {
        self.code.extend([0xc5, 0xf8, 0x77, 0xc3]);
    }

    /// Mask register `mask` from a general register.
    pub(super) fn mask(&mut self, mask: u8, from: General) {
        self.code.extend([
            0xc4,
            0xc1 | (1 - (from >> 3 & 1)) << 5,
            0x78,
            0x92,
            0xc0 | (mask & 7) << 3 | from & 7,
        ]);
    }

    /// Zeros before the next 16th byte, so that a loop begins a line of the instruction cache's.
    pub(super) fn align_code(&mut self) {
        while !self.code.len().is_multiple_of(32) {
            // The longest no-operation that fits.
            let fill: &[u8] = match 32 - self.code.len() % 32 {
                1 => &[0x90],
                2 => &[0x66, 0x90],
                3..=7 => &[0x0f, 0x1f, 0x00],
                _ => &[0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0],
            };
            self.code.extend(fill);
        }
    }

    pub(super) fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    pub(super) fn here(&mut self, label: Label) {
        self.labels[label.0] = Some(self.code.len());
    }

    pub(super) fn jump(&mut self, to: Label) {
        self.code.push(0xe9);
        self.distance(to);
    }

    pub(super) fn jump_if(&mut self, condition: u8, to: Label) {
        self.code.extend([0x0f, 0x80 | condition]);
        self.distance(to);
    }

    fn distance(&mut self, to: Label) {
        self.jumps.push((self.code.len(), to));
        self.code.extend([0; 4]);
    }

    /// Puts other code before this.
    pub(super) fn prepend(&mut self, mut before: Encoder) {
        before.align_code();
        let shift = before.code.len();
        before.code.append(&mut self.code);
        self.code = before.code;
        self.labels.iter_mut().flatten().for_each(|place| *place += shift);
        self.jumps.iter_mut().for_each(|(place, _)| *place += shift);
        for (place, end, _) in &mut self.constants {
            *place += shift;
            *end += shift;
        }
    }

    /// The code with its constants behind it, if every label has a place.
    pub(super) fn assemble(mut self, constants: &[u64]) -> Option<Vec<u8>> {
        while !self.code.len().is_multiple_of(64) {
            self.code.push(0xcc);
        }
        let pool = self.code.len();
        for constant in constants {
            for _ in 0..self.constant / self.item {
                self.code.extend(&constant.to_le_bytes()[..self.item]);
            }
        }
        let mut patch = |place: usize, end: usize, to: usize| {
            let distance = i32::try_from(to as i64 - end as i64).ok()?;
            self.code[place..place + 4].copy_from_slice(&distance.to_le_bytes());
            Some(())
        };
        for (place, label) in &self.jumps {
            patch(*place, place + 4, self.labels[label.0]?)?;
        }
        for (place, end, constant) in &self.constants {
            patch(*place, *end, pool + constant * self.constant)?;
        }
        Some(self.code)
    }
}

impl Form {
    /// Bytes that a full vector's memory operand has, in which EVEX counts a one-byte distance.
    fn unit(self, width: Width) -> i32 {
        let full = 16 << (width as i32);
        match (self.map, self.prefix, self.byte) {
            // A conversion to double precision reads half as much; a store of a half writes as much; broadcasts read one number.
            (1, 0, 0x5a) | (3, 1, 0x1b) => full / 2,
            (2, 1, 0x18) => 4,
            (2, 1, 0x19) => 8,
            // Scalars.
            (1, 2, 0x11) => 4,
            (1, 3, 0x11) => 8,
            _ => full,
        }
    }
}
