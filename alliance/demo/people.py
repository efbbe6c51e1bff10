"""Who is in the demo: 滨江市城市医疗集团, its members and the people who sign in. All of it is made up."""

from __future__ import annotations

from base64 import b32encode
from dataclasses import dataclass
from hashlib import sha256

ALLIANCE = ("BINJIANG", "滨江市城市医疗集团", "Binjiang City Medical Alliance")
PASSWORD = "Binjiang-2026"

HOSPITALS = (
    ("T01", "滨江市第一人民医院", "Binjiang First People's Hospital", "市一院", "First Hospital", "tertiary", 1800, 2400),
    ("S01", "滨江市第二人民医院", "Binjiang Second People's Hospital", "市二院", "Second Hospital", "secondary", 620, 860),
    ("S02", "滨江市中医医院", "Binjiang Hospital of Traditional Chinese Medicine", "市中医院", "TCM Hospital", "secondary", 480, 640),
    ("S03", "滨江市妇幼保健院", "Binjiang Maternal and Child Hospital", "市妇幼", "Maternal Hospital", "secondary", 360, 520),
    ("S04", "滨江市江北区人民医院", "Jiangbei District People's Hospital", "江北医院", "Jiangbei Hospital", "secondary", 420, 560),
    ("S05", "滨江市东城区人民医院", "Dongcheng District People's Hospital", "东城医院", "Dongcheng Hospital", "secondary", 390, 510),
)  # fmt: skip
CENTERS = (
    ("望江路", "Wangjiang Road"), ("清河", "Qinghe"), ("柳林", "Liulin"), ("石桥", "Shiqiao"), ("南湖", "Nanhu"),
    ("北苑", "Beiyuan"), ("东山", "Dongshan"), ("西港", "Xigang"), ("和平里", "Hepingli"), ("长青", "Changqing"),
    ("新安", "Xin'an"), ("古城", "Gucheng"), ("花园桥", "Huayuanqiao"), ("永宁", "Yongning"), ("安康", "Ankang"),
    ("朝阳坊", "Chaoyangfang"), ("双塔", "Shuangta"), ("龙泉", "Longquan"), ("白鹭", "Bailu"), ("云溪", "Yunxi"),
)  # fmt: skip
CHECKERS = ("T01", "S01", "S03", "C01", "C08", "C15")  # employ somebody who checks what others filed
SURNAMES = (
    ("陈", "Chen"), ("林", "Lin"), ("黄", "Huang"), ("周", "Zhou"), ("吴", "Wu"), ("徐", "Xu"), ("孙", "Sun"), ("马", "Ma"), ("朱", "Zhu"),
    ("胡", "Hu"), ("郭", "Guo"), ("何", "He"), ("高", "Gao"), ("罗", "Luo"), ("郑", "Zheng"), ("梁", "Liang"), ("谢", "Xie"), ("宋", "Song"),
)  # fmt: skip
GIVEN = (
    ("文静", "Wenjing"), ("海涛", "Haitao"), ("雅琴", "Yaqin"), ("建国", "Jianguo"), ("晓明", "Xiaoming"), ("丽华", "Lihua"),
    ("志强", "Zhiqiang"), ("思远", "Siyuan"), ("慧敏", "Huimin"), ("子轩", "Zixuan"), ("春梅", "Chunmei"), ("一凡", "Yifan"), ("玉兰", "Yulan"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Someone:
    """A person with an account: role for the alliance, or for the institution named in `at`."""

    account: str
    name_zh: str
    name_en: str
    employer: str
    role: str
    at: str = ""


def members() -> list[dict[str, str]]:
    """The rows of the members' workbook."""
    rows = [
        {"code": code, "name_zh": zh, "name_en": en, "short_zh": szh, "short_en": sen, "tier": tier, "kind": "hospital",
         "is_lead": "yes" if code == "T01" else "no", "beds": str(beds), "headcount": str(heads)}
        for code, zh, en, szh, sen, tier, beds, heads in HOSPITALS
    ]  # fmt: skip
    for number, (zh, en) in enumerate(CENTERS, 1):
        rows.append({
            "code": f"C{number:02}", "name_zh": f"滨江市{zh}社区卫生服务中心", "name_en": f"{en} Community Health Center", "short_zh": f"{zh}中心",
            "short_en": f"{en} Center", "tier": "primary", "kind": "community_center", "is_lead": "no", "beds": str(10 + number % 5 * 6),
            "headcount": str(58 + number * 7 % 60),
        })  # fmt: skip
    return rows


def staff() -> list[Someone]:
    """Everybody with an account: offices of the alliance, a data-quality officer, a reporter and a lead for each member."""
    found = [
        Someone("office", "沈若兰", "Shen Ruolan", "T01", "office"),
        Someone("office2", "方志明", "Fang Zhiming", "S01", "office"),
        Someone("analyst", "顾一诺", "Gu Yinuo", "T01", "analyst"),
        Someone("chair", "韩立群", "Han Liqun", "T01", "committee"),
        Someone("committee2", "唐淑芬", "Tang Shufen", "S02", "committee"),
        Someone("committee3", "许安平", "Xu Anping", "C03", "committee"),
        Someone("committee4", "蒋为民", "Jiang Weimin", "", "committee"),
        Someone("committee5", "邓文洁", "Deng Wenjie", "", "committee"),
        Someone("regulator", "曹景云", "Cao Jingyun", "", "regulator"),
        Someone("expert1", "程望舒", "Cheng Wangshu", "", "expert"),
        Someone("expert2", "俞承泽", "Yu Chengze", "", "expert"),
        Someone("expert3", "苗予安", "Miao Yu'an", "", "expert"),
        Someone("admin", "魏子平", "Wei Ziping", "T01", "admin"),
        Someone("security", "陶静怡", "Tao Jingyi", "T01", "security_admin"),
        Someone("auditor", "石明远", "Shi Mingyuan", "", "auditor"),
        Someone("c01.quality", "潘晓岚", "Pan Xiaolan", "C01", "quality_officer", "C01"),
    ]
    for number, row in enumerate(members()):
        code = row["code"]
        for place, role in enumerate(("reporter", "member_lead")):
            (szh, sen), (gzh, gen) = (
                SURNAMES[(number * 5 + place * 7) % len(SURNAMES)],
                GIVEN[(number * 3 + place * 4) % len(GIVEN)],
            )
            account = f"{code.lower()}.{'reporter' if role == 'reporter' else 'lead'}"
            found.append(Someone(account, szh + gzh, f"{sen} {gen}", code, role, code))
    for place, code in enumerate(CHECKERS):
        (szh, sen), (gzh, gen) = SURNAMES[(place * 4 + 3) % len(SURNAMES)], GIVEN[(place * 6 + 5) % len(GIVEN)]
        found.append(Someone(f"{code.lower()}.checker", szh + gzh, f"{sen} {gen}", code, "checker"))
    return found


def totp_secret(account: str) -> str:
    """The secret of an account's authenticator; like the password it is no secret in the demo."""
    return b32encode(sha256(f"demo/{account}".encode()).digest()[:20]).decode()
