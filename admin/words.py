"""What the back-office says, in English and Chinese.

Django's own sentences come translated. Ours are few, so they are a table beside the code rather
than compiled catalogues: no tool is needed to change one, and a test compares both sides.
The English sentence is the key; asking for one that is not here fails at once.
"""

from django.utils.functional import lazy
from django.utils.translation import get_language

WORDS: dict[str, str] = {
    "A device": "一台设备",
    "A name, a thing, a word, a place, a date": "人名、物品、文字、地点、日期",
    "A place needs both latitude and longitude.": "地点需要同时填写纬度和经度。",
    "A word of your own": "自己的词",
    "Accounts": "账户",
    "Add": "添加",
    "Add photos": "添加照片",
    "Added": "添加时间",
    "Added last": "最近添加",
    "Adding photos needs JavaScript.": "添加照片需要启用 JavaScript。",
    "Already in the library, not saved twice": "相册里已有这张，没有重复保存",
    "Analyse again": "重新分析",
    "Analyses": "分析",
    "Analyses queued again: {count}.": "已重新排队的分析：{count}。",
    "Analysis": "分析",
    "Another face in this photo is already this person.": "这张照片里已有另一张脸是此人。",
    "Being looked at": "正在分析",
    "CPU time in ms": "CPU 时间（毫秒）",
    "Camera": "相机",
    "Chinese name": "中文名",
    "Confirm who it is": "确认身份",
    "Date": "日期",
    "Dates": "日期",
    "Delete for good": "彻底删除",
    "Delete with all photos": "连同全部照片删除",
    "Description": "描述",
    "Device": "设备",
    "Done": "完成",
    "Drop photos here, or choose them": "把照片拖到这里，或点击选择",
    "Duration": "用时",
    "Everywhere": "全部",
    "Explicit": "露骨",
    "Face": "人脸",
    "Faces": "人脸",
    "Faces confirmed: {count}.": "已确认的人脸：{count}。",
    "Failed": "失败",
    "Failed analyses": "失败的分析",
    "Failure": "失败原因",
    "File name": "文件名",
    "Find a photo by who is in it, what it shows and what is written on it": (
        "按人物、内容和文字找到照片"
    ),
    "Fine": "正常",
    "Found by": "匹配",
    "In the library": "在图库中",
    "In the trash": "在回收站",
    "Inspection": "检查",
    "JPEG, PNG, WebP, GIF, HEIC, AVIF and TIFF, up to {size} each, as many as you like": (
        "支持 JPEG、PNG、WebP、GIF、HEIC、AVIF 和 TIFF，单张不超过 {size}，数量不限"
    ),
    "Kind": "类型",
    "Label": "标签",
    "Labels": "标签",
    "Labels judged: {count}.": "已判断的标签：{count}。",
    "Latitude": "纬度",
    "Longitude": "经度",
    "Mark as right": "标为正确",
    "Mark as wrong": "标为错误",
    "May do": "权限",
    "Model": "模型",
    "Moderation": "内容审核",
    "Move to the trash": "移到回收站",
    "Moved to the trash: {count}.": "已移到回收站：{count}。",
    "Name": "姓名",
    "No faces found.": "没有发现人脸。",
    "No labels found.": "没有发现标签。",
    "No photo fits these filters.": "没有符合筛选条件的照片。",
    "No photos yet. Add the first ones: they are looked at within seconds.": (
        "还没有照片。添加几张吧，几秒内就会分析好。"
    ),
    "No picture": "暂无图片",
    "No text found.": "没有发现文字。",
    "Not looked at": "尚未审核",
    "Nothing found. Try other words; a photo still being looked at is found a little later.": (
        "没有找到。少用几个词或换个说法；正在分析的照片几秒后才能搜到。"
    ),
    "Nothing has been started yet.": "还没有开始。",
    "Object storage cannot be reached from this browser. Try again.": (
        "这个浏览器连不上对象存储，请重试。"
    ),
    "Object storage does not answer. What is left was not deleted; try again later.": (
        "对象存储没有响应，剩下的没有删除，请稍后再试。"
    ),
    "Object storage refused the file ({0}).": "对象存储拒绝了这个文件（{0}）。",
    "Original": "原图",
    "Overview": "概览",
    "Owner": "所有者",
    "People": "人物",
    "People, things, words on the photo, places, dates; Chinese or English.": (
        "人物、物品、照片上的文字、地点、日期，中英文均可。"
    ),
    "Person": "人物",
    "Photo": "照片",
    "Photos": "照片",
    "Photos to be analysed again: {count}.": "将重新分析的照片：{count}。",
    "Place": "地点",
    "Quality": "质量",
    "Queued": "排队中",
    "Quota": "配额",
    "Reading the file": "正在读取文件",
    "Ready": "就绪",
    "Remove": "移除",
    "Revoke": "吊销",
    "Right": "正确",
    "Running": "运行中",
    "SHA-256 of the input": "输入的 SHA-256",
    "SHA-256 of the weights": "权重的 SHA-256",
    "Save": "保存",
    "Score": "得分",
    "Search": "搜索",
    "Sections": "栏目",
    "Sending": "正在上传",
    "Show the picture": "显示图片",
    "Size": "大小",
    "Some failed": "有失败的",
    "Somebody": "某人",
    "Somebody else among them? Open the face and choose who it is.": (
        "混进了别人？打开那张脸，选择正确的人。"
    ),
    "Somebody else? Choose who it is": "不是此人？选择正确的人",
    "State": "状态",
    "Still waiting for the functions worker. The photo is safe.": "仍在等待分析程序，照片已存好。",
    "Storage": "存储",
    "Stored, looking at it": "已存好，正在分析",
    "Such as 20 GB. Empty: the default, {default}.": "例如 20 GB。留空则用默认值 {default}。",
    "Tag": "标记",
    "Tag added: {name}.": "已添加标记：{name}。",
    "Tag removed: {name}.": "已移除标记：{name}。",
    "Tags": "标记",
    "Take out of the trash": "移出回收站",
    "Taken": "拍摄时间",
    "Taken out of the trash: {count}.": "已移出回收站：{count}。",
    "Text": "文字",
    "The browser could not read the file. Choose it again.": "浏览器读不了这个文件，请重新选择。",
    "The file has not arrived in storage. Try again.": "文件没有到达存储，请重试。",
    "The file is empty.": "文件是空的。",
    "The file is larger than {0}.": "文件超过 {0}。",
    "The photo is being analysed again. Reload in a few seconds.": "正在重新分析，几秒后刷新即可。",
    "The photo is in the trash.": "照片已移到回收站。",
    "The photo is out of the trash.": "照片已移出回收站。",
    "The picture appears once the file has been looked at.": "文件分析后会显示图片。",
    "The server does not answer. Try again.": "服务器没有响应，请重试。",
    "There is no picture: see why under Analyses.": "没有图片，原因见“分析”。",
    "This is no photo of a kind that can be added.": "这不是可以添加的照片格式。",
    "This is {name}, here and in every photo with this person.": (
        "这是 {name}，此人的每张照片都会用这个名字。"
    ),
    "To be reviewed": "待审核",
    "Try again": "重试",
    "Type": "格式",
    "Unnamed": "未命名",
    "Used": "已用",
    "Verdict": "判断",
    "Waiting": "等待",
    "Waiting for the file": "等待文件",
    "Where": "位置",
    "Who is this?": "这是谁？",
    "Write a size such as 20 GB or 500 MB.": "请填写大小，例如 20 GB 或 500 MB。",
    "Write a word first.": "请先填写一个词。",
    "Wrong": "错误",
    "You are signed out. Reload the page and sign in again.": "登录已失效，请刷新页面重新登录。",
    "added": "添加时间",
    "all photos": "全部照片",
    "analyses": "分析",
    "analysis": "分析",
    "archived": "已归档",
    "attempt": "尝试",
    "attempts": "尝试次数",
    "code": "代码",
    "cold start": "冷启动",
    "confirmed": "已确认",
    "description": "描述",
    "detail": "详情",
    "device": "设备",
    "due": "应开始时间",
    "duration in ms": "用时（毫秒）",
    "expires": "到期时间",
    "face": "人脸",
    "faces": "人脸",
    "favourite": "收藏",
    "file name": "文件名",
    "finished": "完成时间",
    "has text": "有文字",
    "hidden": "隐藏",
    "kind": "类型",
    "label": "标签",
    "labels": "标签",
    "language": "语言",
    "lease expires": "租约到期",
    "memory in MB": "内存（MB）",
    "model": "模型",
    "moderation": "内容审核",
    "name": "名称",
    "owner": "所有者",
    "people": "人物",
    "person": "人物",
    "photo": "照片",
    "photos": "照片",
    "quality": "质量",
    "queued": "排队时间",
    "quota": "配额",
    "request": "请求",
    "right": "正确",
    "runtime": "运行环境",
    "score": "得分",
    "signed-in device": "登录的设备",
    "signed-in devices": "登录的设备",
    "stage": "阶段",
    "started": "开始时间",
    "state": "状态",
    "suggested": "待确认",
    "tag": "标记",
    "tags": "标记",
    "taken": "拍摄时间",
    "user": "用户",
    "users": "用户",
    "verdict on a label": "对标签的判断",
    "verdicts on labels": "对标签的判断",
    "worker told": "通知时间",
    "your own account": "你自己的账户",
    "{0} of {1} analyses done": "分析 {0}/{1}",
    "{0} of {1} ready": "{1} 张中 {0} 张就绪",
    "{0} of {1} ready, {2} failed": "{1} 张中 {0} 张就绪，{2} 张失败",
    "{count} unnamed": "{count} 人未命名",
    "{name}: marked as right.": "{name}：已标为正确。",
    "{name}: marked as wrong. Search no longer finds the photo by it.": (
        "{name}：已标为错误，不再用它搜到这张照片。"
    ),
    "{size} (default)": "{size}（默认）",
}

# Values that rows hold -> how a page says them
VALUES: dict[str, str] = {
    "awaiting_upload": "Waiting for the file",
    "processing": "Being looked at",
    "ready": "Ready",
    "failed": "Failed",
    "trashed": "In the trash",
    "queued": "Queued",
    "running": "Running",
    "done": "Done",
    "pending": "Not looked at",
    "ok": "Fine",
    "review": "To be reviewed",
    "blocked": "Explicit",
    "inspection": "Inspection",
    "faces": "Faces",
    "labels": "Labels",
    "text": "Text",
    "moderation": "Moderation",
    "person": "Person",
    "label": "Label",
    "tag": "Tag",
    "description": "Description",
    "filename": "File name",
    "place": "Place",
    "camera": "Camera",
    "date": "Date",
}


def _render(english: str, values: dict[str, object]) -> str:
    chosen = WORDS[english] if (get_language() or "").startswith("zh") else english
    return chosen.format(**values) if values else chosen


_lazy_render = lazy(_render, str)


def say(english: str, **values: object) -> str:
    """The sentence in the language of whoever reads it, once it is turned into text.

    Raises KeyError if it has no translation.
    """
    WORDS[english]
    return _lazy_render(english, values)


def say_value(value: str) -> str:
    """A value of a row, such as a state or a kind, in the reader's language."""
    return _render(VALUES[value], {}) if value in VALUES else value
