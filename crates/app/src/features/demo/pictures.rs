//! Drawn photographs: a few simple scenes, each before and after, so that pages have pictures to show. Stored by
//! the hash of their content, so a thousand cases share them.

use super::chance::Chance;
use crate::files::{Files, Stored};
use anyhow::{Context, Result};
use image::{Rgb, RgbImage};
use std::io::Cursor;

const WIDTH: u32 = 480;
const HEIGHT: u32 = 360;
/// The line between wall and ground.
const GROUND: i32 = 200;

/// What is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scene {
    Lamp,
    Cover,
    Bins,
    Posters,
    Site,
    Stall,
    Tree,
    Water,
    Building,
    Street,
}

const SCENES: [Scene; 10] = [
    Scene::Lamp,
    Scene::Cover,
    Scene::Bins,
    Scene::Posters,
    Scene::Site,
    Scene::Stall,
    Scene::Tree,
    Scene::Water,
    Scene::Building,
    Scene::Street,
];

/// The scene of a matter, by the head of its code.
const BY_CODE: [(&str, Scene); 17] = [
    ("01037", Scene::Lamp),
    ("01", Scene::Cover),
    ("02", Scene::Street),
    ("03", Scene::Bins),
    ("04", Scene::Tree),
    ("05", Scene::Tree),
    ("060", Scene::Bins),
    ("06", Scene::Bins),
    ("07", Scene::Posters),
    ("08", Scene::Site),
    ("09", Scene::Stall),
    ("L90", Scene::Water),
    ("L10", Scene::Water),
    ("L11", Scene::Building),
    ("L18", Scene::Building),
    ("L13", Scene::Building),
    ("L", Scene::Street),
];

/// The pictures of each scene: before and after, in a few variants.
#[derive(Debug)]
pub(super) struct Pictures {
    stored: Vec<Vec<(Stored, Stored)>>,
}

impl Pictures {
    /// Draws and stores them.
    pub(super) fn draw(files: &Files, variants: u64, seed: u64) -> Result<Pictures> {
        let mut stored = Vec::new();
        for (i, scene) in (0_u64..).zip(SCENES) {
            let mut of_scene = Vec::new();
            for variant in 0..variants {
                let picture = |after: bool| {
                    let mut chance = Chance::new(seed, 1_000 + i * 50 + variant);
                    put(files, &draw(scene, after, &mut chance))
                };
                of_scene.push((picture(false)?, picture(true)?));
            }
            stored.push(of_scene);
        }
        Ok(Pictures { stored })
    }

    /// The picture of a matter before or after; `None` only when none were drawn.
    pub(super) fn of(&self, matter: &str, variant: usize, after: bool) -> Option<Stored> {
        let scene =
            BY_CODE.iter().find(|(head, _)| matter.starts_with(head)).map_or(Scene::Street, |(_, s)| *s);
        let list = self.stored.get(SCENES.iter().position(|s| *s == scene)?)?;
        let (before, done) = list.get(variant % list.len().max(1))?;
        Some(if after { done } else { before }.clone())
    }
}

fn put(files: &Files, picture: &RgbImage) -> Result<Stored> {
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_with_encoder(image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90))
        .context("a picture cannot be encoded")?;
    files.put_photo(&bytes.into_inner())
}

type Colour = [u8; 3];

/// A canvas that ignores what lies outside of it.
struct Canvas(RgbImage);

impl Canvas {
    fn dot(&mut self, x: i32, y: i32, colour: Colour) {
        if let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y))
            && x < WIDTH
            && y < HEIGHT
        {
            self.0.put_pixel(x, y, Rgb(colour));
        }
    }

    fn block(&mut self, (x, y): (i32, i32), (w, h): (i32, i32), colour: Colour) {
        for row in y..y + h {
            for column in x..x + w {
                self.dot(column, row, colour);
            }
        }
    }

    /// An ellipse with half axes `a` and `b`.
    fn round(&mut self, (x, y): (i32, i32), (a, b): (i32, i32), colour: Colour) {
        for dy in -b..=b {
            for dx in -a..=a {
                if dx * dx * b * b + dy * dy * a * a <= a * a * b * b {
                    self.dot(x + dx, y + dy, colour);
                }
            }
        }
    }

    /// A thick line from one point to another.
    fn line(&mut self, (x0, y0): (i32, i32), (x1, y1): (i32, i32), thick: i32, colour: Colour) {
        let steps = (x1 - x0).abs().max((y1 - y0).abs()).max(1);
        for i in 0..=steps {
            let (x, y) = (x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps);
            self.block((x - thick / 2, y - thick / 2), (thick, thick), colour);
        }
    }
}

const TAR: Colour = [92, 94, 98];
const DARK: Colour = [38, 38, 42];
const IRON: Colour = [70, 74, 80];
const LIGHT: Colour = [252, 226, 130];
const GREEN: Colour = [74, 128, 72];
const BROWN: Colour = [112, 84, 58];
const WHITE: Colour = [238, 238, 234];

fn draw(scene: Scene, after: bool, chance: &mut Chance) -> RgbImage {
    let mut c = Canvas(RgbImage::new(WIDTH, HEIGHT));
    let night = scene == Scene::Lamp;
    backdrop(&mut c, night, chance);
    let x = number(chance.between(150, 320));
    match scene {
        Scene::Lamp => lamp(&mut c, x, after),
        Scene::Cover => cover(&mut c, x, after, chance),
        Scene::Bins => bins(&mut c, x, after, chance),
        Scene::Posters => posters(&mut c, after, chance),
        Scene::Site => site(&mut c, x, after, chance),
        Scene::Stall => stall(&mut c, x, after, chance),
        Scene::Tree => tree(&mut c, x, after),
        Scene::Water => water(&mut c, x, after),
        Scene::Building => building(&mut c, x, after, chance),
        Scene::Street => street(&mut c, x, after, chance),
    }
    grain(&mut c, chance);
    c.0
}

fn number(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(0)
}

/// Sky, a row of houses, the pavement and the road.
fn backdrop(c: &mut Canvas, night: bool, chance: &mut Chance) {
    let tint = u8::try_from(chance.between(0, 22)).unwrap_or(0);
    let sky: Colour = if night { [28, 34, 52] } else { [176 + tint, 200, 216] };
    c.block((0, 0), (480, GROUND), sky);
    let mut x = -number(chance.between(0, 60));
    while x < 480 {
        let (w, h) = (number(chance.between(70, 130)), number(chance.between(80, 160)));
        let shade = u8::try_from(chance.between(0, 40)).unwrap_or(0);
        let wall: Colour = if night { [44 + shade / 3, 48, 60] } else { [186 - shade, 176 - shade / 2, 164] };
        c.block((x, GROUND - h), (w, h), wall);
        for row in (GROUND - h + 12..GROUND - 20).step_by(26) {
            for column in (x + 10..x + w - 14).step_by(24) {
                let lit = night && chance.of_thousand(350);
                c.block((column, row), (12, 14), if lit { LIGHT } else { [96, 112, 128] });
            }
        }
        x += w + 6;
    }
    c.block((0, GROUND), (480, 50), if night { [66, 66, 72] } else { [160, 156, 150] });
    c.block((0, GROUND + 46), (480, 6), [118, 116, 112]);
    c.block((0, GROUND + 52), (480, 108), if night { [48, 48, 54] } else { TAR });
    for dash in (10..480).step_by(90) {
        c.block((dash, GROUND + 104), (46, 5), WHITE);
    }
}

fn lamp(c: &mut Canvas, x: i32, after: bool) {
    c.line((x, 250), (x, 60), 8, IRON);
    c.line((x, 62), (x + 56, 50), 6, IRON);
    c.block((x + 44, 48), (34, 10), IRON);
    if after {
        for ring in (0..5).rev() {
            let glow = 120 + u8::try_from(5 - ring).unwrap_or(0) * 22;
            c.round((x + 60, 66), (10 + ring * 9, 8 + ring * 7), [glow, glow - 10, 84]);
        }
        c.round((x + 60, 252), (110, 22), [142, 132, 92]);
    } else {
        c.block((x + 50, 58), (22, 4), DARK);
    }
}

fn cover(c: &mut Canvas, x: i32, after: bool, chance: &mut Chance) {
    c.round((x, 296), (82, 34), IRON);
    if after {
        c.round((x, 295), (72, 28), [104, 108, 114]);
        for i in -3..=3 {
            c.line((x + i * 18, 276), (x + i * 18, 314), 3, IRON);
        }
    } else {
        c.round((x, 296), (72, 28), [104, 108, 114]);
        c.round((x + 22, 300), (44, 20), DARK);
        for _ in 0..5 {
            let to = (x + number(chance.between(-70, 70)), 296 + number(chance.between(-26, 26)));
            c.line((x, 296), to, 3, DARK);
        }
    }
}

fn bins(c: &mut Canvas, x: i32, after: bool, chance: &mut Chance) {
    for (i, colour) in (0_i32..).zip([GREEN, [58, 96, 150], [86, 86, 90]]) {
        let left = x - 110 + i * 76;
        c.block((left, 176), (58, 74), colour);
        c.block((left - 4, 168), (66, 12), IRON);
    }
    if !after {
        for _ in 0..46 {
            let at = (x - 130 + number(chance.between(0, 280)), 236 + number(chance.between(-8, 44)));
            let shade = u8::try_from(chance.between(90, 220)).unwrap_or(90);
            c.round(
                at,
                (number(chance.between(5, 16)), number(chance.between(4, 10))),
                [shade, shade - 20, shade / 2 + 40],
            );
        }
    }
}

fn posters(c: &mut Canvas, after: bool, chance: &mut Chance) {
    c.block((40, 40), (400, 206), [206, 200, 190]);
    for row in (40..246).step_by(26) {
        c.block((40, row), (400, 2), [184, 178, 168]);
    }
    if after {
        c.block((120, 84), (150, 90), [214, 209, 200]);
        return;
    }
    for _ in 0..14 {
        let at = (56 + number(chance.between(0, 320)), 52 + number(chance.between(0, 140)));
        let paper: Colour = *chance.pick(&[WHITE, [232, 220, 120], [226, 150, 140]]).unwrap_or(&WHITE);
        c.block(at, (52, 40), paper);
        for line in 0..4 {
            c.block((at.0 + 6, at.1 + 7 + line * 8), (38, 3), DARK);
        }
    }
}

fn site(c: &mut Canvas, x: i32, after: bool, chance: &mut Chance) {
    c.line((x, 190), (x, 20), 8, [204, 160, 40]);
    c.line((x - 70, 34), (x + 130, 34), 6, [204, 160, 40]);
    c.block((30, 150), (420, 62), if after { [70, 128, 96] } else { [126, 138, 142] });
    if after {
        c.block((0, 300), (480, 14), [80, 84, 92]);
        return;
    }
    for _ in 0..60 {
        let at = (number(chance.between(0, 480)), 262 + number(chance.between(0, 80)));
        c.round(at, (number(chance.between(8, 30)), number(chance.between(3, 8))), BROWN);
    }
}

fn stall(c: &mut Canvas, x: i32, after: bool, chance: &mut Chance) {
    c.block((x - 120, 90), (240, 112), [150, 116, 92]);
    c.block((x - 100, 116), (80, 86), [96, 112, 128]);
    c.block((x + 20, 116), (80, 86), [96, 112, 128]);
    c.block((x - 126, 78), (252, 20), [176, 60, 52]);
    if after {
        return;
    }
    for i in 0..4 {
        let left = x - 130 + i * 66;
        c.block((left, 224), (54, 30), [190, 150, 96]);
        c.line((left, 254), (left, 276), 4, DARK);
        c.line((left + 52, 254), (left + 52, 276), 4, DARK);
        for _ in 0..9 {
            let at = (left + number(chance.between(4, 50)), 222 + number(chance.between(-4, 8)));
            c.round(at, (6, 5), [200, 80, 60]);
        }
    }
}

fn tree(c: &mut Canvas, x: i32, after: bool) {
    if after {
        c.line((x, 250), (x, 110), 16, BROWN);
        c.round((x, 92), (70, 52), GREEN);
        c.round((x - 44, 116), (44, 34), [66, 116, 66]);
        c.round((x + 46, 114), (46, 36), [84, 140, 80]);
    } else {
        c.line((x, 250), (x + 30, 186), 16, BROWN);
        c.line((x + 30, 186), (x + 170, 262), 14, BROWN);
        c.round((x + 150, 268), (80, 34), [88, 112, 62]);
        c.round((x + 96, 252), (44, 26), [98, 122, 66]);
    }
}

fn water(c: &mut Canvas, x: i32, after: bool) {
    c.block((x - 40, 244), (80, 14), IRON);
    for i in 0..8 {
        c.block((x - 36 + i * 10, 246), (4, 10), DARK);
    }
    if after {
        c.round((x, 300), (50, 6), [84, 88, 94]);
    } else {
        c.round((x, 296), (230, 42), [104, 126, 142]);
        c.round((x - 30, 290), (120, 18), [132, 152, 166]);
        c.round((x + 60, 306), (40, 6), [166, 182, 192]);
    }
}

fn building(c: &mut Canvas, x: i32, after: bool, chance: &mut Chance) {
    c.block((x - 140, 10), (280, 240), [196, 186, 170]);
    c.block((x - 40, 130), (80, 120), if after { [120, 132, 140] } else { [88, 90, 96] });
    for floor in 0..3 {
        for side in [-118, 62] {
            c.block((x + side, 30 + floor * 70), (56, 44), [104, 124, 140]);
        }
    }
    if after {
        c.block((x - 20, 140), (40, 8), LIGHT);
        return;
    }
    for _ in 0..16 {
        let at = (x + number(chance.between(-90, 90)), 226 + number(chance.between(0, 34)));
        c.block(at, (number(chance.between(14, 40)), number(chance.between(12, 30))), [150, 112, 74]);
    }
}

fn street(c: &mut Canvas, x: i32, after: bool, chance: &mut Chance) {
    let cars = if after { 1 } else { 4 };
    for i in 0..cars {
        let left = x - 210 + i * 116;
        let paint: Colour =
            *chance.pick(&[[168, 52, 48], [60, 88, 140], WHITE, [52, 54, 60]]).unwrap_or(&WHITE);
        let y = if after { 276 } else { 216 + i % 2 * 16 };
        c.block((left, y), (104, 34), paint);
        c.block((left + 20, y - 22), (60, 24), [120, 140, 156]);
        c.round((left + 24, y + 34), (13, 13), DARK);
        c.round((left + 82, y + 34), (13, 13), DARK);
    }
}

/// A little noise, so that no two pictures are equal and flat areas look photographed.
fn grain(c: &mut Canvas, chance: &mut Chance) {
    for _ in 0..9_000 {
        let x = u32::try_from(chance.between(0, i64::from(WIDTH) - 1)).unwrap_or(0);
        let y = u32::try_from(chance.between(0, i64::from(HEIGHT) - 1)).unwrap_or(0);
        let shift = i16::try_from(chance.between(-14, 14)).unwrap_or(0);
        let pixel = c.0.get_pixel_mut(x, y);
        for channel in &mut pixel.0 {
            *channel = u8::try_from((i16::from(*channel) + shift).clamp(0, 255)).unwrap_or(0);
        }
    }
}
