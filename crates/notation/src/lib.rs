//! Formulas and derivations as text, LaTeX and code.
