//! The program `gezhi`; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    gezhi::cli::main()
}
