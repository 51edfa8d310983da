//! The matter catalogue and the duty list 权责清单: what there is to report, by when it must be done, and whose it is.
