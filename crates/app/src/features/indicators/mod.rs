//! Indicators: figures with their formula, period, scope and the records under them.
