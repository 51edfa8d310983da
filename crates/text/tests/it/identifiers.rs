//! What is taken for an identifier and what is not: the table of decisions.

use text::identifiers::{Kind, find};

/// Kind and value of all that is found.
fn found(text: &str) -> Vec<(Kind, String)> {
    find(text).into_iter().map(|found| (found.kind, found.value)).collect()
}

/// Checks that exactly one identifier is found, with this writing and value.
fn one(text: &str, kind: Kind, written: &str, value: &str) {
    let all = find(text);
    assert_eq!(all.len(), 1, "{text}: {all:?}");
    assert_eq!(all[0].kind, kind, "{text}");
    assert_eq!(&text[all[0].range.clone()], written, "{text}");
    assert_eq!(all[0].value, value, "{text}");
}

#[test]
fn mobile_numbers_are_found_however_they_are_written() {
    for written in [
        "13812342041",
        "138 1234 2041",
        "138-1234-2041",
        "1381-234-2041",
        "138—1234—2041",
        "１３８１２３４２０４１",
        "138 12342041",
        "1 3 8 1 2 3 4 2 0 4 1",
        "+8613812342041",
        "+86 138 1234 2041",
        "86-13812342041",
        "8613812342041",
        "013812342041",
        "138　1234　2041",
        "一三八一二三四二零四一",
        "幺三八幺二三四二〇四幺",
    ] {
        one(&format!("请联系我{written}谢谢"), Kind::Phone, written, "13812342041");
        one(written, Kind::Phone, written, "13812342041");
    }
    one("电话:tel13812342041。", Kind::Phone, "13812342041", "13812342041");
    one("1.13812342041 张先生", Kind::Phone, "13812342041", "13812342041");
    let two = [(Kind::Phone, "13812342041".to_owned()), (Kind::Phone, "15900001111".to_owned())];
    for text in [
        "13812342041 15900001111",
        "13812342041、15900001111",
        "13812342041/15900001111",
        "138-1234-2041-159-0000-1111",
    ] {
        assert_eq!(found(text), two, "{text}");
    }
}

#[test]
fn landlines_are_found_with_area_code_bracket_and_extension() {
    for (written, value) in [
        ("0731-88881234", "073188881234"),
        ("0731—8313299", "07318313299"),
        ("0731 8888 1234", "073188881234"),
        ("(0731)88881234", "073188881234"),
        ("（0755）8888-1234", "075588881234"),
        ("010-62345678", "01062345678"),
        ("02087654321", "02087654321"),
        ("0731-88881234-801", "073188881234"),
        ("0731-88881234转801", "073188881234"),
        ("0731-88881234转分机12", "073188881234"),
    ] {
        one(&format!("来电{written}。"), Kind::Landline, written, value);
    }
    // Without area code only in talk of telephones.
    one("家里座机8888 1234，", Kind::Landline, "8888 1234", "88881234");
    one("请拨打7710659告知", Kind::Landline, "7710659", "7710659");
    assert_eq!(found("联系电话：3322792、3321147").len(), 2);
    assert!(find("共计88881234平方米").is_empty());
}

#[test]
fn id_cards_are_found_by_region_birthday_and_check_sign() {
    one("身份证11010519491231002X，", Kind::IdCard, "11010519491231002X", "11010519491231002X");
    one("身份证号：110105 19491231 002x", Kind::IdCard, "110105 19491231 002x", "11010519491231002X");
    one(
        "４４０３０１１９９００１０１００１６",
        Kind::IdCard,
        "４４０３０１１９９００１０１００１６",
        "440301199001010016",
    );
    // A wrong check sign is a slip; the number is still a person's.
    one("我的证件440301199001010010", Kind::IdCard, "440301199001010010", "440301199001010010");
    one("身份证 440301900101001", Kind::IdCard, "440301900101001", "440301900101001");
    // No such month, no such region, a credit code, an order with a wrong check sign.
    for text in [
        "440301199013010016",
        "990301199001010016",
        "914403001990010100",
        "订单号440301199001010010",
        "440301900101001",
    ] {
        assert!(find(text).is_empty(), "{text}");
    }
}

#[test]
fn plates_are_found_with_and_without_point_and_for_new_energy() {
    for (written, value) in [
        ("粤B12345", "粤B12345"),
        ("粤B·12345", "粤B12345"),
        ("粤 B12345", "粤B12345"),
        ("粤ｂ１２３４５", "粤B12345"),
        ("湘AD33826", "湘AD33826"),
        ("京A·F123学", "京AF123学"),
        ("沪AJ292V", "沪AJ292V"),
    ] {
        one(&format!("有辆车{written}堵住通道"), Kind::Plate, written, value);
    }
    one("车牌号为：楚K0WL00小车", Kind::Plate, "楚K0WL00", "楚K0WL00");
    one("车牌号07492，", Kind::Plate, "07492", "07492");
    one("车牌号为A37602的公交车", Kind::Plate, "A37602", "A37602");
    for text in
        ["鲁A区12345号", "苏A123456789", "皖ABCDEF", "川E路", "车牌3天没发", "新A3区", "粤B栋12345678"]
    {
        assert!(find(text).is_empty(), "{text}: {:?}", find(text));
    }
}

#[test]
fn bank_cards_need_the_right_sum_and_a_word_or_the_unionpay_prefix() {
    one("卡号6222021234567890128", Kind::BankCard, "6222021234567890128", "6222021234567890128");
    one(
        "退到我的6222 0212 3456 7890 128里",
        Kind::BankCard,
        "6222 0212 3456 7890 128",
        "6222021234567890128",
    );
    one("退款请转账到4111111111111111", Kind::BankCard, "4111111111111111", "4111111111111111");
    // A slip of the pen directly behind the label.
    one("银行卡号：6222021234567890123", Kind::BankCard, "6222021234567890123", "6222021234567890123");
    for text in [
        // The sum holds, nothing speaks of a card.
        "4111111111111111",
        "上级工单2024031512345678901",
        "12345平台单号4111111111111111",
        "快递单号6222021234567890128",
        // The sum does not hold.
        "尾号6222021234567890123的交易",
    ] {
        assert!(find(text).is_empty(), "{text}: {:?}", find(text));
    }
}

#[test]
fn rooms_are_found_and_buildings_are_not() {
    for (text, written) in [
        ("翠湖小区3栋2单元501室漏水", "3栋2单元501室"),
        ("翠湖小区3栋2单元501漏水", "3栋2单元501"),
        ("３栋２单元５０１室", "３栋２单元５０１室"),
        ("3 栋 2 单元 501 室", "3 栋 2 单元 501 室"),
        ("住5-2-301，", "5-2-301"),
        ("住A5-2-301室，", "A5-2-301室"),
        ("住3-2-5-501。", "3-2-5-501"),
        ("米兰春天G2栋320，一家", "G2栋320"),
        ("顺星桥10栋502房门口", "10栋502房"),
        ("A市A3区坡商贸城社区18栋104号的门口", "18栋104号"),
        ("1号楼803的租户", "1号楼803"),
        ("5#2-301住户", "5#2-301"),
        ("12幢1梯1203房", "12幢1梯1203房"),
        ("三栋二单元五零一室", "三栋二单元五零一室"),
        ("B座2101漏水", "B座2101"),
        ("3栋2单元5楼西户", "3栋2单元5楼西户"),
        ("二期1楼105号商铺", "1楼105号"),
        ("15楼1503整夜吵闹", "15楼1503"),
        ("柳溪路42号3栋2单元501室", "3栋2单元501室"),
        ("我家501房天花板", "501房"),
        ("金鼎村3组15号门前", "15号"),
        ("16栋1单元201房租给公司", "16栋1单元201"),
        ("6#4401房屋质量", "6#4401"),
        ("五栋104楼下门面", "五栋104"),
        ("20栋106小区内", "20栋106"),
        ("B区5号栋112号", "5号栋112号"),
        ("方苑茂5-4304房的认购", "5-4304房"),
        ("商铺-117室业主", "117室"),
    ] {
        let all = find(text);
        assert_eq!(all.len(), 1, "{text}: {all:?}");
        assert_eq!((all[0].kind, &text[all[0].range.clone()]), (Kind::Door, written));
    }
    let rooms: Vec<String> =
        find("2栋1单元501、502室和601都漏").into_iter().map(|found| found.value).collect();
    assert_eq!(rooms, ["2栋1单元501", "502室", "601"]);
    let rooms: Vec<String> = find("16栋101.17栋102.18栋103。").into_iter().map(|found| found.value).collect();
    assert_eq!(rooms, ["16栋101", "17栋102", "18栋103"]);
    for text in [
        "3栋101.5平方",
        "8栋2018房价",
        "2栋502小时",
        "面积5-120平",
        "门诊5-500以上",
        "14栋近10名业主",
        "9栋1单元西边电梯",
        "二期8栋",
        "5层楼、4个单元40户",
        "3栋100多户",
        "8栋2018年交房",
        "1栋120平米",
        "1栋共300户",
        "22楼",
        "一楼垃圾车",
        "三房两厅",
        "2019房价上涨",
        "保障局517室",
        "政务大厅204室",
        "16栋4号户型",
        "2号楼3单元",
        "12栋1000元",
        "7座与8座两种",
        "1、2、3栋",
        "每栋200米",
        "2栋5000业主",
    ] {
        assert!(find(text).is_empty(), "{text}: {:?}", find(text));
    }
}

#[test]
fn dates_case_numbers_service_numbers_and_roads_are_left_alone() {
    for text in [
        "青禾-20260312-0017",
        "2019-04-21",
        "2019-4-21 18:30:05",
        "19-4-21",
        "12-5-2019",
        "2019年4月21日14时30分",
        "3个工作日",
        "2026-10-08前办结",
        "12345热线",
        "请拨打12345",
        "电话96111",
        "0731-12345",
        "0731—96111",
        "110报警",
        "柳溪路42号",
        "柳溪路42号附近",
        "桐子坡路519号",
        "G107国道",
        "地铁3号线",
        "370路公交车",
        "2017至2018学年",
        "长政发〔2018〕48号",
        "GB50368-2005",
        "SB/T10720-2012",
        "证号为2018-0180",
        "（002289）",
        "网友UU0081167",
        "A00036931",
        "GD13020190001",
        "总投资13000000000元",
        "养殖规模3000-4000羽",
        "8317-19014元",
        "400-820-8820",
        "电话4008208820",
        "114.0432640,22.7156170",
        "工单2024031512345678",
        "统一社会信用代码91440300MA5DA00000",
        "17:00联系",
        "4.23元一吨",
        "电话：20190421",
        "2015-2016-2017",
        "1-2-3",
        "11-14栋",
        "5-2-3000",
    ] {
        assert!(find(text).is_empty(), "{text}: {:?}", find(text));
    }
}

#[test]
fn a_message_with_everything_gives_every_kind_in_order() {
    let text = "我叫王小明，身份证440301199001010016，住翠湖小区3栋2单元501室，电话138 1234 2041（家里0755-26001234），\
        车粤B·12345被刮，赔款请打到卡号6222 0212 3456 7890 128，柳溪路42号路灯也不亮，工单号青禾-20260312-0017。";
    let kinds: Vec<Kind> = find(text).iter().map(|found| found.kind).collect();
    assert_eq!(kinds, [Kind::IdCard, Kind::Door, Kind::Phone, Kind::Landline, Kind::Plate, Kind::BankCard]);
}
