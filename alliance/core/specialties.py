"""The specialties by which patients are referred: the catalogue of medical subjects of the health commission."""

from __future__ import annotations

from collections.abc import Mapping

from alliance.core.refused import Both

# 医疗机构诊疗科目名录 (卫医发〔1994〕第27号, as amended): its codes, and of 内科, 外科, 妇产科 the second level too.
SPECIALTIES: Mapping[str, Both] = {
    "02": Both("全科医疗科", "General practice"),
    "03": Both("内科", "Internal medicine"),
    "03.01": Both("呼吸内科", "Respiratory medicine"),
    "03.02": Both("消化内科", "Gastroenterology"),
    "03.03": Both("神经内科", "Neurology"),
    "03.04": Both("心血管内科", "Cardiology"),
    "03.05": Both("血液内科", "Haematology"),
    "03.06": Both("肾病学", "Nephrology"),
    "03.07": Both("内分泌", "Endocrinology"),
    "03.10": Both("老年病", "Geriatrics"),
    "04": Both("外科", "Surgery"),
    "04.01": Both("普通外科", "General surgery"),
    "04.02": Both("神经外科", "Neurosurgery"),
    "04.03": Both("骨科", "Orthopaedics"),
    "04.04": Both("泌尿外科", "Urology"),
    "04.05": Both("胸外科", "Thoracic surgery"),
    "04.06": Both("心脏大血管外科", "Cardiovascular surgery"),
    "05.01": Both("妇科", "Gynaecology"),
    "05.02": Both("产科", "Obstetrics"),
    "07": Both("儿科", "Paediatrics"),
    "10": Both("眼科", "Ophthalmology"),
    "11": Both("耳鼻咽喉科", "Otorhinolaryngology"),
    "12": Both("口腔科", "Stomatology"),
    "13": Both("皮肤科", "Dermatology"),
    "15": Both("精神科", "Psychiatry"),
    "16": Both("传染科", "Infectious diseases"),
    "17": Both("结核病科", "Tuberculosis"),
    "19": Both("肿瘤科", "Oncology"),
    "20": Both("急诊医学科", "Emergency medicine"),
    "21": Both("康复医学科", "Rehabilitation"),
    "24": Both("临终关怀科", "Hospice care"),
    "27": Both("疼痛科", "Pain medicine"),
    "28": Both("重症医学科", "Intensive care"),
    "50": Both("中医科", "Chinese medicine"),
    "52": Both("中西医结合科", "Integrated medicine"),
}
_BY_NAME = {name.removesuffix("科").casefold(): one for one in SPECIALTIES.values() for name in (one.zh, one.en)}


def specialty_named(text: str) -> Both | None:
    """The specialty that a text names in either language, with or without 科 at its end; None for any other text."""
    return _BY_NAME.get(text.strip().removesuffix("科").casefold())
