//! What must hold of every text, LaTeX and MathML that is printed: it is read again, and means what it was printed from.

mod katex;
mod mathml;
mod random;
mod reads_back;
