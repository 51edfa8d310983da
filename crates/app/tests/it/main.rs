//! The product through its services and pages.

<<<<<<< HEAD
mod people;
=======
mod given;
mod nasty;
>>>>>>> 88fb0d3 (procedures: a nasty history through the services, on both databases)
