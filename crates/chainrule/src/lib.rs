//! Formulas over matrices to derivatives with every step named, and to training at the speed of the machine.
