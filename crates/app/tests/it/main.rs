//! The product through its services and pages.
