use proptest::prelude::*;
use text::split_points;

fn parts(text: &str) -> Vec<&str> {
    split_points(text).into_iter().map(|range| &text[range]).collect()
}

#[test]
fn numbered_points_are_found_in_every_style() {
    for (text, first, second) in [
        ("领导好：一、门口路灯不亮。二、井盖松动响声大。", "一、门口路灯不亮。", "二、井盖松动响声大。"),
        ("1、门口路灯不亮；2、井盖松动响声大", "1、门口路灯不亮；", "2、井盖松动响声大"),
        ("1.门口路灯不亮 2.井盖松动响声大", "1.门口路灯不亮", "2.井盖松动响声大"),
        ("反映两件事\n1）门口路灯不亮\n2）井盖松动响声大", "1）门口路灯不亮", "2）井盖松动响声大"),
        ("（1）门口路灯不亮（2）井盖松动响声大", "（1）门口路灯不亮", "（2）井盖松动响声大"),
        ("(一)门口路灯不亮(二)井盖松动响声大", "(一)门口路灯不亮", "(二)井盖松动响声大"),
        ("想问①门口路灯不亮②井盖松动响声大", "①门口路灯不亮", "②井盖松动响声大"),
        ("第一，门口路灯不亮。第二，井盖松动响声大。", "第一，门口路灯不亮。", "第二，井盖松动响声大。"),
        ("首先，门口路灯不亮。其次，井盖松动响声大。", "首先，门口路灯不亮。", "其次，井盖松动响声大。"),
        ("两点：一是门口路灯不亮，二是井盖松动响声大。", "一是门口路灯不亮，", "二是井盖松动响声大。"),
        (
            "问题一：门口路灯不亮。问题二：井盖松动响声大。",
            "问题一：门口路灯不亮。",
            "问题二：井盖松动响声大。",
        ),
        ("门口路灯不亮很久了。另外井盖松动响声太大。", "门口路灯不亮很久了。", "另外井盖松动响声太大。"),
        ("门口路灯不亮很久了。还有，井盖松动响声太大。", "门口路灯不亮很久了。", "还有，井盖松动响声太大。"),
        ("推出刷卡何时1、门口路灯不亮2、井盖松动响声大", "1、门口路灯不亮", "2、井盖松动响声大"),
    ] {
        assert_eq!(parts(text), [first, second], "{text}");
    }
}

#[test]
fn the_outer_numbers_part_and_the_inner_do_not() {
    let text = "一、物业问题：1、垃圾成堆没人管；2、电梯常坏没人修。二、路灯问题：1、三号楼前不亮；2、门口不亮很久。三、噪声问题严重。";
    let found = parts(text);
    assert_eq!(found.len(), 3);
    assert!(found[0].starts_with("一、") && found[0].ends_with("没人修。"));
    assert!(found[2].starts_with("三、"));
}

#[test]
fn twelve_points_are_counted_to_twelve() {
    let numbers = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"];
    let text: String = numbers.iter().map(|number| format!("{number}、门口路灯不亮。")).collect();
    assert_eq!(parts(&text).len(), 12);
    let text: String = (1..=12).map(|number| format!("{number}.门口路灯不亮。")).collect();
    assert_eq!(parts(&text).len(), 12);
}

#[test]
fn one_matter_is_not_parted() {
    for text in [
        "门口路灯不亮，请尽快修复",
        "1、2、3栋之间的树木被砍掉",
        "1.5吨的货车和2.5吨的货车都进来",
        "2019.1.2起停水，1.3恢复",
        "一二期之间的路一直没通",
        "统一、规范管理，二、三楼漏水",
        "一、路灯",
        "一、路灯。二、井盖。",
        "二、门口路灯不亮。三、井盖松动响声大。",
        "第一次反映没有结果，第二次反映也没有结果",
        "首先感谢领导的关心。其次才说这件事情",
        "这里还有个问题没解决。还有没有人管",
        "",
    ] {
        assert!(parts(text).is_empty(), "{text}: {:?}", parts(text));
    }
}

proptest! {
    #[test]
    fn points_are_in_order_and_at_least_two(text in "[一二三1-3、.（）()①②第是，。另外 还有路灯不亮井盖松动\\n]{0,80}", any in "\\PC{0,60}") {
        for text in [text, any] {
            let points = split_points(&text);
            prop_assert!(points.len() != 1);
            let mut last = 0;
            for point in points {
                prop_assert!(point.start >= last && point.start < point.end);
                prop_assert!(text.get(point.clone()).is_some());
                last = point.end;
            }
        }
    }
}
