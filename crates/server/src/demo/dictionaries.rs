//! Dictionaries of the demonstration: made-up hospitals, the large banks with prefixes of their cards, common illnesses.
use huzhu_domain::{
    bank_card::CardKind,
    dictionary::{BankRow, Hospital, IllnessClass},
    statement::HospitalLevel,
};

use crate::{app::App, dictionaries, platform::error::Problem};

/// Name, level, region.
const HOSPITALS: [(&str, HospitalLevel, &str); 14] = {
    use HospitalLevel::{Primary, Secondary, Tertiary, Unrated};
    [
        ("冰城示例骨科医院", Tertiary, "哈尔滨"),
        ("冰城示例妇产医院", Tertiary, "哈尔滨"),
        ("道里区示例人民医院", Secondary, "哈尔滨"),
        ("南岗区示例中医医院", Secondary, "哈尔滨"),
        ("香坊示例社区卫生服务中心", Primary, "哈尔滨"),
        ("嫩江示例医院", Secondary, "齐齐哈尔"),
        ("龙沙示例社区卫生服务站", Primary, "齐齐哈尔"),
        ("朝阳示例口腔医院", Secondary, "北京"),
        ("东坝示例社区卫生服务中心", Primary, "北京"),
        ("京北示例康复医院", Unrated, "北京"),
        ("泉城示例中心医院", Tertiary, "济南"),
        ("历下示例眼科医院", Secondary, "济南"),
        ("威海示例医院", Tertiary, "威海"),
        ("威海示例妇幼保健院", Secondary, "威海"),
    ]
};

/// Name, short name, a prefix of its debit cards, how many digits they have.
const BANKS: [(&str, &str, &str, i32); 7] = [
    ("中国工商银行", "工行", "622202", 19),
    ("中国农业银行", "农行", "622848", 19),
    ("中国银行", "中行", "621661", 19),
    ("中国建设银行", "建行", "621700", 19),
    ("交通银行", "交行", "622260", 19),
    ("招商银行", "招行", "622580", 16),
    ("中国邮政储蓄银行", "邮储银行", "621799", 19),
];

/// ICD-10 code, name, category.
const ILLNESSES: [(&str, &str, &str); 16] = [
    ("A09", "感染性胃肠炎和结肠炎", "某些传染病和寄生虫病"),
    ("C34", "支气管和肺恶性肿瘤", "肿瘤"),
    ("C50", "乳房恶性肿瘤", "肿瘤"),
    ("C53", "宫颈恶性肿瘤", "肿瘤"),
    ("C73", "甲状腺恶性肿瘤", "肿瘤"),
    ("D25", "子宫平滑肌瘤", "肿瘤"),
    ("E11", "2型糖尿病", "内分泌、营养和代谢疾病"),
    ("I10", "特发性（原发性）高血压", "循环系统疾病"),
    ("I21", "急性心肌梗死", "循环系统疾病"),
    ("I63", "脑梗死", "循环系统疾病"),
    ("J18", "肺炎", "呼吸系统疾病"),
    ("K35", "急性阑尾炎", "消化系统疾病"),
    ("K80", "胆石症", "消化系统疾病"),
    ("M51", "椎间盘疾患", "肌肉骨骼系统和结缔组织疾病"),
    ("N20", "肾和输尿管结石", "泌尿生殖系统疾病"),
    ("S82", "小腿骨折，包括踝", "损伤、中毒和外因的某些后果"),
];

/// Fills them.
///
/// # Errors
/// When the database fails.
pub(super) async fn fill(app: &App) -> Result<(), Problem> {
    let hospitals = HOSPITALS.map(|(name, level, region)| Hospital {
        name: name.to_owned(),
        level,
        region: region.to_owned(),
        initials: dictionaries::initials(name),
        active: true,
    });
    let banks = BANKS.map(|(name, short_name, prefix, length)| BankRow {
        name: name.to_owned(),
        short_name: short_name.to_owned(),
        active: true,
        prefix: prefix.to_owned(),
        card_length: Some(length),
        card_kind: Some(CardKind::Debit),
    });
    let illnesses = ILLNESSES.map(|(code, name, category)| IllnessClass {
        code: code.to_owned(),
        name: name.to_owned(),
        category: category.to_owned(),
        active: true,
    });
    let tx = app.db.begin().await?;
    dictionaries::keep(&tx, hospitals.to_vec()).await?;
    dictionaries::keep(&tx, banks.to_vec()).await?;
    dictionaries::keep(&tx, illnesses.to_vec()).await?;
    tx.commit().await?;
    Ok(())
}
