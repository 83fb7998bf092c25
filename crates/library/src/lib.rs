//! The mathematics of Chainrule, as text: functions, losses, optimizers, schedules, metrics and laws.
