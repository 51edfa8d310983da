use proptest::prelude::*;
use text::title_of;

#[test]
fn a_title_is_the_first_clause_that_says_something() {
    for (text, title) in [
        (
            "尊敬的领导：您好！我想反映翠湖小区门口路灯不亮，已经一个星期了。",
            "翠湖小区门口路灯不亮，已经一个星期了",
        ),
        (
            "您好，我是翠湖小区的业主，我们小区门口井盖松动，夜里很响，希望处理。",
            "我们小区门口井盖松动，夜里很响，希望处理",
        ),
        (
            "胡书记： 你好！ 我是马王堆街道居民。关于我家房屋被淹一事至今没能解决",
            "关于我家房屋被淹一事至今没能解决",
        ),
        ("请问身份证到期是否可以在网上申请换证？谢谢", "身份证到期是否可以在网上申请换证？"),
        (
            "1、潇楚卡充值何时上线，是否会推出刷卡2、老的公交卡什么时候换卡？",
            "潇楚卡充值何时上线，是否会推出刷卡2、老的公交卡什么时候换卡？",
        ),
        ("市民来电反映：柳溪路42号前污水外溢。", "柳溪路42号前污水外溢"),
        ("感谢您在百忙之中阅读。河边垃圾成堆", "河边垃圾成堆"),
        ("A市教育局：临近暑假，学校强制补课", "临近暑假，学校强制补课"),
        ("我住在翠湖小区，楼下烧烤油烟扰民", "楼下烧烤油烟扰民"),
        ("路灯不亮", "路灯不亮"),
        ("我是翠湖小区业主", "我是翠湖小区业主"),
        ("水压只有0.15兆帕，无法洗澡", "水压只有0.15兆帕，无法洗澡"),
        ("您好！", "您好！"),
        ("", ""),
        ("  \n ", ""),
    ] {
        assert_eq!(title_of(text, 40), title, "{text}");
    }
}

#[test]
fn a_long_clause_is_cut_and_says_so() {
    let text = "翠湖小区三期东门外的临时停车场长期占用消防通道而且夜间有大货车停放";
    assert_eq!(title_of(text, 20), "翠湖小区三期东门外的临时停车场长期占用…");
    assert_eq!(title_of(text, 20).chars().count(), 20);
    assert_eq!(title_of(text, 1), "…");
    assert_eq!(title_of(text, 0), "");
    // A clause that does not fit is left out, unless the title would say hardly anything.
    let long = "翠湖小区三期东门外的临时停车场长期占用";
    assert_eq!(title_of(&format!("翠湖小区路灯不亮，{long}"), 12), "翠湖小区路灯不亮");
    assert_eq!(title_of(&format!("现在是夏天，{long}"), 12), "现在是夏天，翠湖小区三…");
}

proptest! {
    #[test]
    fn a_title_is_never_too_long_and_has_one_line(text in "[您好，。！我想反映路灯不亮的是：\\n 1、A-]{0,60}", any in "\\PC{0,60}", max in 0usize..40) {
        for text in [text, any] {
            let title = title_of(&text, max);
            prop_assert!(title.chars().count() <= max);
            prop_assert!(!title.contains('\n'));
        }
    }
}

#[test]
fn a_title_says_the_matter_and_nobody() {
    assert_eq!(title_of("柳溪路口路灯不亮，我是〔姓名1〕，电话〔电话1〕", 40), "柳溪路口路灯不亮");
    assert_eq!(title_of("路灯不亮，在柳溪花园〔门牌1〕楼下", 40), "路灯不亮，在柳溪花园〔门牌1〕楼下");
}
