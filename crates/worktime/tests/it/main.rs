//! Working time, by hand-worked examples, against a naive count by the minute, and by laws.
#[cfg(test)]
mod against_minutes;
#[cfg(test)]
mod calendar;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod hand_worked;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod office;
