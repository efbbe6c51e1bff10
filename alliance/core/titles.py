"""Professional titles as staff lists write them, with their English names."""

from __future__ import annotations

from collections.abc import Mapping

# The four series of health professionals (人社部发〔2021〕51号), and those of the offices that hospitals employ most.
TITLES: Mapping[str, str] = {
    "主任医师": "Chief physician",
    "副主任医师": "Associate chief physician",
    "主治医师": "Attending physician",
    "医师": "Physician",
    "住院医师": "Resident physician",
    "医士": "Assistant physician",
    "助理医师": "Assistant physician",
    "主任药师": "Chief pharmacist",
    "副主任药师": "Associate chief pharmacist",
    "主管药师": "Pharmacist in charge",
    "药师": "Pharmacist",
    "药士": "Assistant pharmacist",
    "主任护师": "Chief nurse",
    "副主任护师": "Associate chief nurse",
    "主管护师": "Nurse in charge",
    "护师": "Senior nurse",
    "护士": "Nurse",
    "主任技师": "Chief technician",
    "副主任技师": "Associate chief technician",
    "主管技师": "Technician in charge",
    "技师": "Technician",
    "技士": "Assistant technician",
    "高级经济师": "Senior economist",
    "经济师": "Economist",
    "助理经济师": "Assistant economist",
    "高级会计师": "Senior accountant",
    "会计师": "Accountant",
    "助理会计师": "Assistant accountant",
    "高级工程师": "Senior engineer",
    "工程师": "Engineer",
    "助理工程师": "Assistant engineer",
    "消毒员": "Sterile supply worker",
    "工人": "Worker",
}
