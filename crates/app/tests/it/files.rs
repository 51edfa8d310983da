//! Pictures as they are kept: re-encoded, upright, without what phones write into them, each content once.

use gezhi::files::Files;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, RgbImage};
use std::path::{Path, PathBuf};

/// Stands for the position and the owner's name that a phone writes.
const SECRET: &[u8] = b"N22.543096 E114.057865 owner Wang";

/// A picture lying on its side, twice as wide as high, as a phone sends it: EXIF says how to turn it and holds the
/// secret, which also stands behind the end of the picture.
fn from_a_phone() -> Vec<u8> {
    let pixels = RgbImage::from_fn(64, 32, |x, _| image::Rgb([if x < 32 { 250 } else { 5 }, 60, 60]));
    let mut plain = Vec::new();
    JpegEncoder::new_with_quality(&mut plain, 90).encode(&pixels, 64, 32, ExtendedColorType::Rgb8).unwrap();
    // TIFF, big-endian: two tags, the orientation (6: a quarter turn) and an artist, which is the secret.
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]);
    tiff.extend([0x01, 0x3b, 0, 2, 0, 0, 0, u8::try_from(SECRET.len()).unwrap(), 0, 0, 0, 38]);
    tiff.extend([0; 4]);
    tiff.extend(SECRET);
    let mut segment = b"Exif\0\0".to_vec();
    segment.extend(tiff);
    let length = u16::try_from(segment.len() + 2).unwrap().to_be_bytes();
    let mut out = plain[..2].to_vec();
    out.extend([0xff, 0xe1]);
    out.extend(length);
    out.extend(segment);
    out.extend(&plain[2..]);
    out.extend(SECRET);
    out
}

fn kept(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { out.extend(kept(&path)) } else { out.push(path) }
    }
    out
}

#[test]
fn a_photo_is_kept_upright_without_what_the_phone_wrote_into_it() {
    let dir = tempfile::tempdir().unwrap();
    let files = Files::open(dir.path()).unwrap();
    let sent = from_a_phone();
    assert!(sent.windows(SECRET.len()).any(|w| w == SECRET));
    let stored = files.put_photo(&sent).unwrap();
    assert_eq!((stored.width, stored.height), (32, 64), "turned as EXIF says");
    let bytes = files.get(&stored.hash).unwrap();
    assert!(!bytes.windows(SECRET.len()).any(|w| w == SECRET));
    assert!(!bytes.windows(4).any(|w| w == b"Exif"));
    assert_eq!(files.put_photo(&sent).unwrap(), stored, "sent twice");
    assert_eq!(kept(dir.path()).len(), 1, "kept once");
}

#[test]
fn what_is_no_photo_is_refused_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let files = Files::open(dir.path()).unwrap();
    let photo = from_a_phone();
    let half = &photo[..200];
    let page = b"<html><script>alert(1)</script></html>".as_slice();
    // A head that promises 60,000 by 60,000 pixels.
    let mut bomb = Vec::new();
    let pixels = RgbImage::new(8, 8);
    image::DynamicImage::from(pixels)
        .write_to(&mut std::io::Cursor::new(&mut bomb), image::ImageFormat::Png)
        .unwrap();
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    for bad in [half, page, b"", bomb.as_slice()] {
        assert!(files.put_photo(bad).is_err());
    }
    assert_eq!(kept(dir.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_changed_file_is_not_shown() {
    let dir = tempfile::tempdir().unwrap();
    let files = Files::open(dir.path()).unwrap();
    let stored = files.put_photo(&from_a_phone()).unwrap();
    let path = kept(dir.path()).remove(0);
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 3;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(files.get(&stored.hash).unwrap_err().to_string().contains("changed"));
    assert!(files.get("../../etc/passwd").is_err());
}
