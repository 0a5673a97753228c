"""What is wrong with a field, or why an analysis failed, in the reader's language.

Django's and DRF's own sentences come translated. Ours are few, so they are a table, as those of the
problems' codes are; the English sentence is the key. A test finds those that are not here.
"""

from typing import Any

from django.utils import translation

FIELDS: dict[str, str] = {
    "A candidate and a shadow have a share of the photos.": (
        "只有 candidate 和 shadow 可以指定照片比例。"
    ),
    "An album has a rule from the start, or never.": "相册的规则只能在创建时设定。",
    "At most {most} at once.": "一次最多 {most} 个。",
    "No rule asks for this.": "规则中没有这一项。",
    "Send either a filter or a prefix.": "请提供 filter 或 prefix，二者选一。",
    "Send either ids or a filter.": "请提供 ids 或 filter，二者选一。",
    "The trash is no album.": "回收站不能作为相册。",
    "There is no such status.": "没有这种状态。",
    "This text cannot be seen.": "这段文字没有可见的内容。",
    "This title cannot be seen.": "这个标题没有可见的内容。",
    "This word cannot be seen.": "这个词没有可见的内容。",
    "Which word?": "请写明是哪个词。",
    "Write a date from {first} to {last}.": "请填写 {first} 至 {last} 之间的日期。",
    "Write a date such as 2023-05-01, or a moment in ISO 8601.": (
        "请填写如 2023-05-01 的日期，或 ISO 8601 格式的时刻。"
    ),
    "Write a month such as 2026-11.": "请填写如 2026-11 的月份。",
    "Write a name.": "请填写名字。",
    "Write a number of dollars above zero.": "请填写大于零的美元金额。",
    "Write a prefix that begins with {prefix}": "请填写以 {prefix} 开头的前缀。",
    "Write a user name.": "请填写用户名。",
    "Write a whole number from 0 to {most}.": "请填写 0 至 {most} 之间的整数。",
    "Write a whole number.": "请填写整数。",
    "Write a year from {first} to {last}.": "请填写 {first} 至 {last} 之间的年份。",
    "Write an address that begins with https:// or http://.": (
        "请填写以 https:// 或 http:// 开头的地址。"
    ),
    "Write one of {states}.": "请填写以下之一：{states}。",
    "Write person_id or name.": "请填写 person_id 或 name。",
    "Write person_id, or split: true.": "请填写 person_id，或 split: true。",
    "Write text, a number, true or false.": "请填写文字、数字、true 或 false。",
    "Write the id of a person.": "请填写人物的 id。",
    "Write the id of an album, or none.": "请填写相册的 id，或 none。",
    "Write two models of one kind.": "请填写同一类型的两个模型。",
    "Write true or false.": "请填写 true 或 false。",
    "Write west,south,east,north in degrees.": "请按“西,南,东,北”的顺序以度数填写。",
    "Write whole seconds.": "请填写整数秒。",
}
# Why a photo could not be analysed, by the failure's code; in English the function itself says it.
FAILURES: dict[str, str] = {
    "checksum_mismatch": "图片内容与其校验值不符。",
    "corrupt": "文件已损坏。",
    "decode_timeout": "图片解码超时。",
    "decoder_crashed": "图片解码失败。",
    "file_empty": "文件是空的。",
    "file_too_large": "文件过大。",
    "inspection_failed": "无法检查这张图片。",
    "internal_error": "分析时出现错误。",
    "invalid_result": "分析结果不符合约定，未能保存。",
    "network_damaged": "分析所用的模型文件已损坏。",
    "network_failed": "分析所用的模型运行失败。",
    "network_missing": "缺少分析所用的模型文件。",
    "network_unusable": "分析所用的模型无法使用。",
    "not_an_image": "该文件不是图片。",
    "not_finite": "分析结果无效。",
    "not_inspected": "照片未能通过检查，因此没有进行分析。",
    "object_missing": "存储中已没有这张图片。",
    "out_of_memory": "处理这张图片所需的内存过多。",
    "sandbox_unavailable": "图片解码程序未能启动。",
    "size_mismatch": "文件大小与声明的不符。",
    "storage_unavailable": "存储服务暂时不可用。",
    "timed_out": "分析超时。",
    "too_many_pixels": "图片像素过多。",
    "truncated": "文件不完整，末尾缺失。",
    "unsupported_format": "不支持这种图片格式。",
    "worker_lost": "处理这张照片的程序多次意外终止。",
}


def say_field(error: dict[str, Any]) -> dict[str, str]:
    """The error as the reader is told it; what is not ours stays as it is."""
    english, values = error["detail"], error.get("values")
    sentence = FIELDS.get(english, english) if _reads_chinese() else english
    detail = sentence.format(**values) if values else sentence
    return {"field": error["field"], "code": error["code"], "detail": detail}


def say_failure(code: str, detail: str) -> str:
    """Why an analysis failed; detail: as the function said it, in English."""
    return FAILURES.get(code, detail) if _reads_chinese() else detail


def _reads_chinese() -> bool:
    return (translation.get_language() or "").startswith("zh")
