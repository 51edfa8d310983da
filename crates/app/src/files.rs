//! Pictures and files, stored once by the hash of their content (DECISIONS 11): written and fsynced before
//! the event that names them.

use anyhow::{Context, Result, ensure};
use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use store::Trouble;

/// Longest side kept of a photo, in pixels.
const SIDE_MOST: u32 = 2_048;
/// Largest upload taken, in bytes.
pub const BYTES_MOST: usize = 12 * 1024 * 1024;

/// Largest voice note taken, in bytes: a minute at 256 kbit/s.
pub const VOICE_MOST: usize = 2 * 1024 * 1024;

/// A folder of content.
#[derive(Clone, Debug)]
pub struct Files {
    folder: PathBuf,
}

/// A stored picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Hash of the content, hexadecimal.
    pub hash: String,
    /// `image/jpeg`, for every photo is re-encoded; what was spoken keeps its own.
    pub mime: &'static str,
    /// Size in bytes.
    pub bytes: i64,
    /// Width in pixels; 0 for what was spoken.
    pub width: i64,
    /// Height in pixels; 0 for what was spoken.
    pub height: i64,
}

impl Files {
    /// A store in a folder, which is made when it is missing.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: &Path) -> Result<Files> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        sync_folder(folder.parent().unwrap_or(folder))?;
        Ok(Files { folder: folder.to_owned() })
    }

    /// Checks a photo, turns it upright, re-encodes it (which drops EXIF and whatever is hidden behind the
    /// picture) and stores it.
    ///
    /// # Errors
    /// When it is too large or no JPEG, PNG or WebP; nothing is stored then.
    pub fn put_photo(&self, bytes: &[u8]) -> Result<Stored> {
        ensure!(bytes.len() <= BYTES_MOST, "the picture is larger than {BYTES_MOST} bytes");
        let mut picture = decode(bytes)?;
        if picture.width().max(picture.height()) > SIDE_MOST {
            picture = picture.thumbnail(SIDE_MOST, SIDE_MOST);
        }
        let mut out = Vec::new();
        let rgb = picture.to_rgb8();
        rgb.write_with_encoder(image::codecs::jpeg::JpegEncoder::new_with_quality(&mut out, 82))
            .context("the picture cannot be encoded")?;
        let hash = self.put(&out)?;
        Ok(Stored {
            hash,
            mime: "image/jpeg",
            bytes: i64::try_from(out.len())?,
            width: rgb.width().into(),
            height: rgb.height().into(),
        })
    }

    /// Stores what was spoken as it is. What it is, is told by how it begins, not by its name.
    ///
    /// # Errors
    /// When it is too large or no recording that browsers and phones make; nothing is stored then.
    pub fn put_voice(&self, bytes: &[u8]) -> Result<Stored> {
        ensure!(bytes.len() <= VOICE_MOST, "the recording is larger than {VOICE_MOST} bytes");
        let mime = voice_mime(bytes).context("no recording that is known")?;
        let hash = self.put(bytes)?;
        Ok(Stored { hash, mime, bytes: i64::try_from(bytes.len())?, width: 0, height: 0 })
    }

    /// Stores bytes by their hash: to a temporary file, fsync, rename, fsync of the folder. A temporary file that could
    /// not be finished is taken away again.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn put(&self, bytes: &[u8]) -> Result<String> {
        // Whatever goes wrong here lies with the disk, not with what was sent.
        self.write(bytes).map_err(|error| {
            let trouble = Trouble::of(&error).unwrap_or(Trouble::Disk);
            error.context(trouble)
        })
    }

    fn write(&self, bytes: &[u8]) -> Result<String> {
        let hash = blake3::hash(bytes).to_hex().to_string();
        let path = self.path(&hash);
        let folder = path.parent().context("no folder")?;
        std::fs::create_dir_all(folder)?;
        // Whoever made the folder, or is just putting the same file, may not have got as far as this.
        sync_folder(&self.folder)?;
        if path.exists() {
            sync_folder(folder)?;
            return Ok(hash);
        }
        let temporary = folder.join(format!(".{hash}.{}", uuid::Uuid::new_v4().simple()));
        let written = write(&temporary, bytes).and_then(|()| std::fs::rename(&temporary, &path));
        written.inspect_err(|_| drop(std::fs::remove_file(&temporary)))?;
        sync_folder(folder)?;
        Ok(hash)
    }

    /// The content of a hash.
    ///
    /// # Errors
    /// When it is not there or its bytes have changed.
    pub fn get(&self, hash: &str) -> Result<Vec<u8>> {
        ensure!(hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()), "no hash");
        let bytes = std::fs::read(self.path(hash)).with_context(|| {
            format!(
                "the file {hash} is missing; bring it back from a backup, `gezhi verify` names all that are"
            )
        })?;
        ensure!(blake3::hash(&bytes).to_hex().as_str() == hash, "the file {hash} has been changed");
        Ok(bytes)
    }

    /// A smaller derivative for lists, made when asked for and kept beside the original.
    ///
    /// # Errors
    /// As [`Files::get`].
    pub fn get_small(&self, hash: &str, side: u32) -> Result<Vec<u8>> {
        let original = self.get(hash)?;
        let mut out = Cursor::new(Vec::new());
        decode(&original)?.thumbnail(side, side).to_rgb8().write_to(&mut out, ImageFormat::Jpeg)?;
        Ok(out.into_inner())
    }

    /// The folder, for backups.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, hash: &str) -> PathBuf {
        self.folder.join(&hash[..2]).join(&hash[2..])
    }
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Puts the names in a folder on disk; other systems than Unix do so by themselves.
///
/// # Errors
/// When the disk refuses.
pub fn sync_folder(folder: &Path) -> std::io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if cfg!(unix) { std::fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

/// What a recording is: WebM and Ogg from Chromium and Firefox, MP4 from Safari, the others from a phone's recorder.
fn voice_mime(bytes: &[u8]) -> Option<&'static str> {
    let begins = |magic: &[u8]| bytes.starts_with(magic);
    match bytes {
        _ if begins(b"\x1a\x45\xdf\xa3") => Some("audio/webm"),
        _ if begins(b"OggS") => Some("audio/ogg"),
        // A picture in the same wrapping is none: it may tell where it was taken.
        _ if bytes.get(4..8) == Some(b"ftyp") => match bytes.get(8..12) {
            Some(b"heic" | b"heix" | b"mif1" | b"msf1" | b"avif") | None => None,
            Some(_) => Some("audio/mp4"),
        },
        _ if begins(b"ID3") || begins(b"\xff\xfb") || begins(b"\xff\xf3") => Some("audio/mpeg"),
        _ if begins(b"\xff\xf1") || begins(b"\xff\xf9") => Some("audio/aac"),
        _ if begins(b"#!AMR") => Some("audio/amr"),
        _ if begins(b"RIFF") && bytes.get(8..12) == Some(b"WAVE") => Some("audio/wav"),
        _ => None,
    }
}

/// Decodes with limits on memory and size, and turns the picture as its EXIF says.
fn decode(bytes: &[u8]) -> Result<DynamicImage> {
    use image::ImageDecoder;
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    ensure!(
        matches!(reader.format(), Some(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)),
        "only JPEG, PNG and WebP pictures are taken"
    );
    let mut limits = Limits::default();
    limits.max_image_width = Some(12_000);
    limits.max_image_height = Some(12_000);
    limits.max_alloc = Some(256 * 1024 * 1024);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().context("the picture cannot be read")?;
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).context("the picture cannot be read")?;
    picture.apply_orientation(orientation);
    Ok(picture)
}
