//! QR codes as paths for SVG.

use anyhow::Context;
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write;

/// A QR code as the template draws it.
pub struct Qr {
    /// The modules' path, one unit a module.
    pub d: String,
    /// `-4 -4 45 45`: with the quiet zone of four modules that readers need.
    pub view_box: String,
}

/// Draws a text, with a quarter of it readable after dirt and scratches (level Q).
///
/// # Errors
/// When the text is longer than a QR code holds (about 1,600 bytes).
pub fn draw(text: &str) -> anyhow::Result<Qr> {
    let code = QrCode::with_error_correction_level(text, EcLevel::Q)
        .context("the address is too long for a QR code")?;
    let width = code.width();
    let mut d = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] == Color::Dark {
                // Writing to a String cannot fail.
                let _ = write!(d, "M{x} {y}h{}v1h-{}z", run.len(), run.len());
            }
            x += run.len();
        }
    }
    Ok(Qr { d, view_box: format!("-4 -4 {0} {0}", width + 8) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_finders_and_a_quiet_zone() {
        let qr = draw("https://example.org/p/abcdefghjk").unwrap();
        let size: usize = qr.view_box.rsplit(' ').next().unwrap().parse().unwrap();
        let width = size - 8;
        assert!(qr.d.starts_with("M0 0h7v1h-7z"), "upper left");
        assert!(qr.d.contains(&format!("M{} 0h7v1h-7z", width - 7)), "upper right");
        assert!(qr.d.contains(&format!("M0 {}h7v1h-7z", width - 1)), "lower left");
    }
}
