"""Names as an alliance has them: twenty-six members and seven dimensions, long ones among them."""

CENTERS = [
    *("望江路", "城南", "解放东路", "湖滨", "新区", "老城", "江心洲", "大桥", "工业园", "大学城", "火车站"),
    *("开发区科技大道", "北山", "南湖", "东门", "西关", "临港", "沙洲", "白鹭", "梧桐"),
]
MEMBERS = {
    "zh": [
        "滨江市第一人民医院",
        "滨江市第二人民医院",
        "滨江市中医医院",
        "滨江市妇幼保健院",
        "滨江市第三人民医院",
        "滨江市康复医院",
        *(f"滨江市第一人民医院{center}社区卫生服务中心" for center in CENTERS),
    ],
    "en": [
        "Binjiang First People's Hospital",
        "Binjiang Second People's Hospital",
        "Binjiang Hospital of Traditional Chinese Medicine",
        "Binjiang Maternal and Child Health Hospital",
        "Binjiang Third People's Hospital",
        "Binjiang Rehabilitation Hospital",
        *(f"Binjiang First People's Hospital No. {n} Community Health Service Center" for n in range(1, 21)),
    ],
}
DIMENSIONS = {
    "zh": ["医疗质量与安全", "协同效率", "资源共享", "患者满意度", "能力提升", "费用控制", "信息互联互通"],
    "en": [
        "Quality and safety of care",
        "Collaboration",
        "Shared resources",
        "Patient satisfaction",
        "Growth of skills",
        "Cost control",
        "Interoperability of information",
    ],
}
