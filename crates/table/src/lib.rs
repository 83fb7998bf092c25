//! Files to columns to matrices: readers, column types, audits, splits and scaling.
