"""The charged items of the demo's lead hospital: two thousand made-up ones, put together from what and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import product

from alliance.workpoints.rules.items import TOGETHER, Item
from alliance.workpoints.rules.tables import TableRow

Words = tuple[tuple[str, str], ...]


def _pairs(text: str) -> Words:
    """Words in both languages out of lines such as `头部 head, 颈部 neck`."""
    found = []
    for part in text.split(","):
        zh, _blank, en = part.strip().partition(" ")
        found.append((zh, en))
    return tuple(found)


SITES = _pairs(
    "头部 head, 颈部 neck, 胸部 chest, 腹部 abdomen, 盆腔 pelvis, 颈椎 cervical spine, 胸椎 thoracic spine, "
    "腰椎 lumbar spine, 肩关节 shoulder, 肘关节 elbow, 腕关节 wrist, 手部 hand, 髋关节 hip, 膝关节 knee, 踝关节 ankle, "
    "足部 foot, 心脏 heart, 肝脏 liver, 胆囊 gallbladder, 胰腺 pancreas, 肾脏 kidney, 膀胱 bladder, 甲状腺 thyroid, "
    "乳腺 breast, 血管 vessels"
)
# By class: the beginning of the codes; what is done; where, to what or in which form; price and points of the cheapest
# in hundredths, and the steps between neighbours.
CATALOGUE: tuple[tuple[str, str, Words, Words, int, int, int, int], ...] = (
    ("consultation", "ZC", _pairs("普通门诊诊察 general consultation, 副主任医师诊察 consultation by a senior physician, "
     "主任医师诊察 consultation by a chief physician, 急诊诊察 emergency consultation, 住院诊察 inpatient visit, "
     "多学科会诊 multidisciplinary consultation"), _pairs("成人 adult, 儿童 child"), 1500, 600, 100, 35),
    ("bed", "CW", _pairs("普通床位 ordinary bed, 重症监护床位 intensive care bed, 层流病房床位 laminar-flow bed, "
     "新生儿床位 newborn bed"), _pairs("单人间 single room, 双人间 double room, 三人间 room for three"), 3000, 800, 10, 2),
    ("nursing", "HL", _pairs("特级护理 special nursing, 一级护理 nursing grade 1, 二级护理 nursing grade 2, "
     "三级护理 nursing grade 3, 口腔护理 oral care, 压疮护理 pressure ulcer care, 引流管护理 drain care, "
     "气管切开护理 tracheostomy care, 造口护理 stoma care, 静脉置管护理 catheter care"),
     _pairs("成人 adult, 儿童 child, 新生儿 newborn, 重症 critical care, 术后 after surgery"), 1200, 130, 60, 9),
    ("treatment", "ZL", _pairs("换药 dressing change, 清创缝合 debridement and suture, 穿刺 puncture, 注射 injection, "
     "灌洗 lavage, 物理治疗 physiotherapy, 康复训练 rehabilitation training, 针灸 acupuncture, 推拿 tuina, "
     "冷冻治疗 cryotherapy, 激光治疗 laser therapy, 电疗 electrotherapy, 蜡疗 paraffin therapy, 牵引 traction, "
     "封闭治疗 block therapy"), SITES, 2000, 110, 90, 6),
    ("operation", "SS", _pairs("切除术 excision, 切开引流术 incision and drainage, 修补术 repair, 吻合术 anastomosis, "
     "探查术 exploration, 重建术 reconstruction, 微创手术 minimally invasive surgery, 活检术 biopsy, "
     "成形术 plasty, 固定术 fixation, 摘除术 removal, 移植术 transplantation"),
     SITES, 60000, 2100, 2400, 130),
    ("anaesthesia", "MZ", _pairs("全身麻醉 general anaesthesia, 椎管内麻醉 neuraxial anaesthesia, "
     "神经阻滞麻醉 nerve block, 静脉麻醉 intravenous anaesthesia"),
     _pairs("二小时内 up to two hours, 每加一小时 each further hour, 术后镇痛 postoperative analgesia"),
     24000, 2600, 900, 140),
    ("service", "FW", _pairs("急救转运 emergency transport, 病历复印 copy of records, 家庭病床 home bed, "
     "健康体检 health check, 上门服务 home visit, 院前急救 prehospital care"), _pairs("市区 within the city, 郊区 outside the city"), 800, 900, 20, 10),
    ("examination", "JC", _pairs("超声检查 ultrasound, CT平扫 plain CT, CT增强 contrast CT, MRI平扫 plain MRI, "
     "MRI增强 contrast MRI, X线摄影 radiography, 血管造影 angiography, 内镜检查 endoscopy, "
     "核素显像 radionuclide imaging, 弹性成像 elastography, 三维重建 three-dimensional reconstruction"), SITES, 6000, 330, 120, 5),
    ("laboratory", "JY", _pairs("葡萄糖测定 glucose, 肌酐测定 creatinine, 尿素测定 urea, 总蛋白测定 total protein, "
     "白蛋白测定 albumin, 胆红素测定 bilirubin, 钾测定 potassium, 钠测定 sodium, 氯测定 chloride, 钙测定 calcium, "
     "淀粉酶测定 amylase, 肌钙蛋白测定 troponin, 铁蛋白测定 ferritin, 甲胎蛋白测定 alpha-fetoprotein, "
     "癌胚抗原测定 carcinoembryonic antigen, 降钙素原测定 procalcitonin, 细菌培养 bacterial culture, "
     "药敏试验 susceptibility test, 细胞计数 cell count, 抗体测定 antibodies, "
     "乳酸测定 lactate, 血氨测定 ammonia, 镁测定 magnesium"),
     _pairs("血清 serum, 血浆 plasma, 全血 whole blood, 尿液 urine, 脑脊液 cerebrospinal fluid, 胸腹水 effusion, "
            "痰液 sputum, 粪便 stool, 关节液 synovial fluid, 分泌物 secretion"), 500, 45, 8, 1),
    ("drug", "YP", _pairs("阿莫西林 amoxicillin, 头孢呋辛 cefuroxime, 左氧氟沙星 levofloxacin, 二甲双胍 metformin, "
     "氨氯地平 amlodipine, 阿托伐他汀 atorvastatin, 氯吡格雷 clopidogrel, 奥美拉唑 omeprazole, 布洛芬 ibuprofen, "
     "呋塞米 furosemide, 美托洛尔 metoprolol, 沙丁胺醇 salbutamol, 地塞米松 dexamethasone, 肝素 heparin, "
     "胰岛素 insulin, 葡萄糖注射液 glucose solution, 氯化钠注射液 saline, 碳酸钙 calcium carbonate, "
     "左甲状腺素 levothyroxine, 丙泊酚 propofol, 华法林 warfarin, 氯雷他定 loratadine, 甲硝唑 metronidazole, "
     "万古霉素 vancomycin, 多巴胺 dopamine"),
     _pairs("小规格 small, 中规格 medium, 大规格 large, 片剂 tablets, 胶囊 capsules, 注射剂 injection, 口服液 oral solution, "
            "缓释片 slow-release tablets, 颗粒剂 granules, 滴剂 drops, 贴剂 patch, 吸入剂 inhaler, 软膏 ointment, "
            "栓剂 suppository, 混悬液 suspension, 儿童剂型 paediatric form"), 200, 23, 0, 0),
    ("consumable", "HC", _pairs("注射器 syringe, 输液器 infusion set, 留置针 cannula, 导尿管 urinary catheter, "
     "引流管 drain, 缝合线 suture, 吻合器 stapler, 敷料 dressing, 手套 gloves, 口罩 mask, 氧气管 oxygen tube, "
     "气管插管 endotracheal tube, 造影导管 angiography catheter, 支架 stent, 骨板 bone plate, 螺钉 screw, 补片 mesh, "
     "电极片 electrodes, 采血管 blood tube, 手术衣 gown, 三通阀 three-way valve, 止血钳 clamp, 血糖试纸 glucose strips"),
     _pairs("一号 size 1, 二号 size 2, 三号 size 3, 四号 size 4, 五号 size 5, 六号 size 6, 七号 size 7, 八号 size 8, "
            "九号 size 9, 十号 size 10, 加长型 long, 加强型 reinforced, 儿童型 paediatric, 无菌型 sterile"),
     150, 31, 0, 0),
)  # fmt: skip
# Where the hospital keeps to its own points: item, the points of the city's library, and why.
OWN = (
    ("ZC0004", "1.85", "儿童门诊单次诊察时间明显长于成人，按院内工时测定结果"),
    ("HL0004", "0.95", "本院重症监护实行责任制整体护理，单项耗时较短"),
    ("ZL0031", "2.1", "颈部清创缝合常需多科协作，耗时与风险更高"),
    ("SS0021", "66", "本院肾脏切除以腔镜完成，平均手术时间低于全市"),
    ("MZ0001", "8.2", "麻醉医师同时承担术前门诊评估，工作量更大"),
    ("JC0031", "3", "设备更新后单次扫描时间缩短，点数相应调低"),
)
RAISED = (("ZC0006", "3.2"), ("HL0009", "1.6"), ("SS0040", "78"), ("JC0031", "2.8"))
DROPPED = frozenset({"ZL0031", "FW0003"})
DIVIDED = frozenset({"operation", "treatment"})  # a team earns them, whose points the scheme divides


def _entries() -> Iterator[tuple[Item, int, Decimal | None]]:
    for item_class, start, whats, wheres, price, step, points, more in CATALOGUE:
        for place, (what, where) in enumerate(product(whats, wheres)):
            english = f"{what[1][:1].upper()}{what[1][1:]}, {where[1]}"
            item = Item(f"{start}{place + 1:04}", f"{what[0]}（{where[0]}）", english, item_class)
            yield item, price + step * place, Decimal(points + more * place).scaleb(-2) if points else None


def prices() -> dict[str, list[tuple[str, int]]]:
    """The codes of the items with their prices in cents, by class."""
    found: dict[str, list[tuple[str, int]]] = {}
    for item, price, _points in _entries():
        found.setdefault(item.item_class, []).append((item.code, price))
    return found


def table() -> list[TableRow]:
    """The table of item points, as it is imported."""
    return [
        TableRow(item, _role(item) if points is not None else "", points, line)
        for line, (item, _price, points) in enumerate(_entries(), 2)
    ]


def library() -> list[TableRow]:
    """The city's library: the same items, of which the hospital sets some otherwise."""
    return _with({code: points for code, points, _reason in OWN})


def next_library() -> list[TableRow]:
    """Its next version, which nobody has adopted yet: items dropped, one new, a few worth more or less."""
    rows = _with({code: points for code, points, _reason in OWN} | dict(RAISED))
    item = Item("FW9001", "互联网复诊", "Online follow-up visit", "service")
    return [row for row in rows if row.item.code not in DROPPED] + [TableRow(item, "performing", Decimal("1.2"), 2)]


def own() -> Iterator[tuple[str, str, Decimal, str]]:
    """Item, role, points and reason of what the hospital sets otherwise."""
    rows = {row.item.code: row for row in table()}
    for code, _library, reason in OWN:
        row = rows[code]
        yield code, row.role, row.points or Decimal(0), reason


def _with(other: Mapping[str, str]) -> list[TableRow]:
    return [replace(row, points=Decimal(other[row.item.code])) if row.item.code in other else row for row in table()]


def _role(item: Item) -> str:
    return TOGETHER if item.item_class in DIVIDED else "performing"
