//! One form of a text for comparing and searching, and the classes of characters.

/// A text in the form in which texts are compared: full-width letters, digits and signs become half-width,
/// letters lower-case, quotation marks, brackets, dashes and stops one each, circled digits and units their
/// plain spelling, invisible characters vanish, and every run of white space becomes one blank.
///
/// Not full NFKC: only what people type into messages. Applying it twice changes nothing.
#[must_use]
pub fn normalize(text: &str) -> String {
    Folded::of(text, Blanks::One).chars.into_iter().collect()
}

/// What becomes of white space.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Blanks {
    /// One blank for each run.
    One,
    /// None beside a Chinese character, where a blank means nothing; one elsewhere.
    BetweenWords,
}

/// A folded text that remembers where each of its characters stood in the source.
pub(crate) struct Folded {
    pub chars: Vec<char>,
    /// For each character the byte range of the source character it came from.
    pub spans: Vec<(usize, usize)>,
}

impl Folded {
    pub(crate) fn of(text: &str, blanks: Blanks) -> Folded {
        let mut folded =
            Folded { chars: Vec::with_capacity(text.len()), spans: Vec::with_capacity(text.len()) };
        let mut blank: Option<(usize, usize)> = None;
        for (at, source) in text.char_indices() {
            let span = (at, at + source.len_utf8());
            if is_invisible(source) {
                continue;
            }
            if source.is_whitespace() || source.is_control() {
                blank = blank.or(Some(span));
                continue;
            }
            fold_char(source, |c| {
                if let Some(span) = blank.take() {
                    let beside = blanks == Blanks::BetweenWords;
                    let dropped =
                        folded.chars.last().is_none_or(|&before| beside && (is_cjk(before) || is_cjk(c)));
                    if !dropped {
                        folded.push(' ', span);
                    }
                }
                folded.push(c, span);
            });
        }
        folded
    }

    fn push(&mut self, c: char, span: (usize, usize)) {
        self.chars.push(c);
        self.spans.push(span);
    }
}

/// One character in its folded form, which may be several (`㎡` is `m2`).
fn fold_char(source: char, mut push: impl FnMut(char)) {
    if let Some(spelled) = spelling(source) {
        spelled.chars().for_each(push);
        return;
    }
    if let Some(number) = circled(source) {
        number.to_string().chars().for_each(push);
        return;
    }
    for lower in unify(narrow(source)).to_lowercase() {
        push(lower);
    }
}

/// A half-width character for a full-width one, an ASCII hyphen for any dash, a blank for any blank that is
/// no line end; one for one, and nothing else is changed.
pub(crate) fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{fe58}' => '-',
        '\t' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => ' ',
        _ => c,
    }
}

/// One sign for signs that mean the same.
fn unify(c: char) -> char {
    match c {
        '。' | '｡' | '…' => '.',
        '、' | '､' | '﹐' => ',',
        '“' | '”' | '„' | '″' | '「' | '」' | '『' | '』' | '〝' | '〞' => '"',
        '‘' | '’' | '′' | '`' => '\'',
        '【' | '〔' | '〖' | '{' => '[',
        '】' | '〕' | '〗' | '}' => ']',
        '《' | '〈' | '«' => '<',
        '》' | '〉' | '»' => '>',
        '•' | '‧' | '・' | '∙' | '●' => '·',
        '〜' => '~',
        '￥' => '¥',
        _ => c,
    }
}

fn spelling(c: char) -> Option<&'static str> {
    Some(match c {
        '㎡' => "m2",
        '㎥' => "m3",
        '㎜' => "mm",
        '㎝' => "cm",
        '㎞' => "km",
        '㎏' => "kg",
        '℃' => "°c",
        '№' => "no",
        'Ⅰ' | 'ⅰ' => "i",
        'Ⅱ' | 'ⅱ' => "ii",
        'Ⅲ' | 'ⅲ' => "iii",
        'Ⅳ' | 'ⅳ' => "iv",
        'Ⅴ' | 'ⅴ' => "v",
        _ => return None,
    })
}

/// The number of a circled digit ① to ⑳.
pub(crate) fn circled(c: char) -> Option<u32> {
    matches!(c, '①'..='⑳').then(|| u32::from(c) - u32::from('①') + 1)
}

/// Characters without width, which people paste along unseen.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{fe00}'..='\u{fe0f}')
}

/// Whether a character is written without blanks between words: Chinese, kana, hangul.
pub(crate) fn is_cjk(c: char) -> bool {
    is_han(c) || matches!(c, '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Whether a character is a Chinese character.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '々' | '〇' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// Whether a character belongs to a word written with letters or digits.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() && !is_cjk(c)
}

/// The value of a Chinese digit, with 零 〇 两 and the 幺 of telephone numbers.
pub(crate) fn chinese_digit(c: char) -> Option<u32> {
    Some(match c {
        '零' | '〇' => 0,
        '一' | '幺' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}
