"""Errors as RFC 9457 problem documents, in the reader's language, with codes that never change."""

import logging
from collections.abc import Callable, Iterator
from inspect import iscoroutinefunction
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.views.csrf import csrf_failure
from django.views.decorators.csrf import csrf_exempt
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.response import Response

from backend.api.field_sentences import say_field
from backend.core.errors import RefusedError, StorageError

logger = logging.getLogger(__name__)
View = Callable[..., Any]
CONTENT_TYPE = "application/problem+json"

# code -> what a person reads, in English and in Chinese
SENTENCES: dict[str, tuple[str, str]] = {
    "bad_credentials": ("The user name or the password is wrong.", "用户名或密码不正确。"),
    "account_disabled": ("This account has been disabled.", "该账户已被停用。"),
    "wechat_not_configured": (
        "This album is not connected with WeChat.",
        "此相册未接入微信。",
    ),
    "wechat_code_invalid": (
        "WeChat does not know this code any more. Please ask it for a new one.",
        "微信登录凭证无效或已使用，请重新获取。",
    ),
    "wechat_user_blocked": (
        "WeChat does not let this account in.",
        "微信判定此账号存在风险，不允许登录。",
    ),
    "wechat_busy": (
        "WeChat does not answer at the moment. Please try again.",
        "微信服务繁忙，请稍后重试。",
    ),
    "wechat_misconfigured": (
        "WeChat does not accept this album's settings. Please tell whoever runs it.",
        "此相册的微信设置有误，请联系管理员。",
    ),
    "wechat_not_linked": (
        "No account here belongs to this WeChat account. Sign in with your password and link it.",
        "此微信号尚未关联账户，请先用密码登录后关联。",
    ),
    "wechat_linked_elsewhere": (
        "This WeChat account belongs to another account here.",
        "该微信号已关联其他账户。",
    ),
    "wechat_already_linked": (
        "Your account is linked with another WeChat account. Unlink that first.",
        "你的账户已关联另一个微信号，请先解除关联。",
    ),
    "wechat_only_way_in": (
        "Your account has no password, so WeChat is its only way in.",
        "你的账户没有密码，微信是唯一的登录方式，不能解除关联。",
    ),
    "text_refused": (
        "WeChat does not allow this text to be shared.",
        "该文字含有违规内容，不能发布。",
    ),
    "not_signed_in": ("Please sign in first.", "请先登录。"),
    "bad_token": (
        "The token is wrong or has expired. Please sign in again.",
        "登录已失效，请重新登录。",
    ),
    "forbidden": ("You may not do this.", "你没有权限进行此操作。"),
    "not_found": ("There is nothing here.", "找不到所请求的内容。"),
    "method_not_allowed": ("This address does not take that method.", "此地址不支持该方法。"),
    "too_many_requests": (
        "Too many attempts. Try again in {wait} seconds.",
        "操作过于频繁，请在 {wait} 秒后重试。",
    ),
    "bad_request": ("The request cannot be understood.", "无法理解该请求。"),
    "bad_json": ("The body is not valid JSON.", "请求内容不是有效的 JSON。"),
    "unsupported_media_type": (
        "Send JSON (application/json).",
        "请发送 JSON（application/json）。",
    ),
    "not_acceptable": ("This address answers JSON only.", "此地址只返回 JSON。"),
    "invalid": ("Some fields are not right.", "部分字段不正确。"),
    "too_many_keys": (
        "You have {limit} keys; revoke one first.",
        "密钥已达 {limit} 个，请先撤销一个。",
    ),
    "too_many_webhooks": (
        "You have {limit} webhooks; remove one first.",
        "Webhook 已达 {limit} 个，请先删除一个。",
    ),
    "bad_position": (
        "`after` is not what an answer of ours has named `next`.",
        "after 不是此前返回的 next 值。",
    ),
    "changed_meanwhile": (
        "It was changed since you read it. Please read it again.",
        "内容在你读取之后已被修改，请重新读取。",
    ),
    "photo_gone": ("The photo has been deleted.", "照片已被删除。"),
    "unknown_event": (
        "There is no such event any more: events are kept for a week.",
        "没有这个事件：事件只保留一周。",
    ),
    "already_over": ("This moment is over already.", "该时间已经过去。"),
    "bad_idempotency_key": (
        "An Idempotency-Key has 1 to 255 characters.",
        "Idempotency-Key 应为 1 至 255 个字符。",
    ),
    "idempotency_key_reused": (
        "This Idempotency-Key was sent with another request.",
        "该 Idempotency-Key 已用于其他请求。",
    ),
    "in_progress": (
        "The first request with this Idempotency-Key is still being worked on.",
        "使用该 Idempotency-Key 的首个请求仍在处理。",
    ),
    "done_before": (
        "This was done before, and its answer is not kept.",
        "该请求此前已完成，其结果未予保留。",
    ),
    "username_taken": ("This user name is taken.", "该用户名已被使用。"),
    "unsupported_type": (
        "Photos of the type {content_type} are not supported.",
        "不支持 {content_type} 类型的照片。",
    ),
    "too_large": ("The file is larger than {limit} bytes.", "文件超过 {limit} 字节的上限。"),
    "empty_file": ("The file is empty.", "文件是空的。"),
    "quota_exceeded": (
        "This photo of {size} bytes does not fit: {used} of {quota} bytes are used.",
        "空间不足：照片 {size} 字节，已用 {used}／{quota} 字节。",
    ),
    "too_many_tickets": (
        "{limit} photos have been announced that did not come. Send some of them first.",
        "已有 {limit} 张照片申请了上传但尚未到达，请先完成其中一些。",
    ),
    "size_mismatch": (
        "A photo with this sha256 has {size} bytes: size or sha256 is wrong.",
        "该 sha256 对应的照片为 {size} 字节：大小或 sha256 有误。",
    ),
    "not_uploaded": (
        "The photo's bytes have not arrived in storage yet.",
        "照片内容尚未上传完成。",
    ),
    "not_ready": ("This has not been made yet. Try again soon.", "尚未生成，请稍后再试。"),
    "keep_one": ("Keep one of the photos at least.", "请至少保留一张照片。"),
    "not_in_group": (
        "Some of these photos are not in this group.",
        "部分照片不属于这一组。",
    ),
    "map_too_wide": (
        "This zoom is too deep for so wide a part of the map: more than {most} cells.",
        "地图范围相对于该缩放级别过大：超过 {most} 个格子。",
    ),
    "unknown_album": ("There is no such album.", "没有这个相册。"),
    "too_many_albums": ("You have {limit} albums already.", "相册已达 {limit} 个上限。"),
    "album_in_itself": (
        "An album cannot stand in itself or in one that it holds.",
        "相册不能放入自身或其下级相册。",
    ),
    "too_deep": ("Albums nest {limit} deep at most.", "相册最多嵌套 {limit} 层。"),
    "not_in_album": ("This photo is not in the album.", "这张照片不在该相册中。"),
    "album_has_rule": (
        "This album holds what fits its rule; photos are not put in by hand.",
        "智能相册由规则决定内容，不能手动增减照片。",
    ),
    "too_many_photos": (
        "An album holds {limit} photos at most.",
        "一个相册最多容纳 {limit} 张照片。",
    ),
    "too_many_links": (
        "An album has {limit} links at most; delete one first.",
        "一个相册最多有 {limit} 个链接，请先删除一个。",
    ),
    "link_locked": ("This link needs its password first.", "请先输入此链接的密码。"),
    "wrong_password": ("The password is wrong.", "密码不正确。"),
    "link_used_up": (
        "This link has been looked at as often as it may be.",
        "此链接的访问次数已用完。",
    ),
    "download_not_allowed": (
        "This link is for looking only.",
        "此链接仅供浏览，不允许下载。",
    ),
    "archive_too_large": (
        "An archive holds {limit} photos at most.",
        "一个压缩包最多包含 {limit} 张照片。",
    ),
    "bad_range": ("It does not reach that far.", "请求的范围超出文件大小。"),
    "too_many_invitations": (
        "An album has {limit} invitations at most; delete one first.",
        "一个相册最多有 {limit} 个邀请，请先删除一个。",
    ),
    "invitation_used": (
        "You have used this invitation before. Ask for another one.",
        "你已用过此邀请，请重新获取邀请。",
    ),
    "invitation_used_up": (
        "This invitation has been used as often as it may be.",
        "此邀请的使用次数已用完。",
    ),
    "too_many_comments": (
        "A photo has {limit} comments at most.",
        "一张照片最多有 {limit} 条评论。",
    ),
    "oneself": ("This is you yourself.", "这是你自己。"),
    "not_asked": ("This user has not asked you.", "该用户没有向你发出请求。"),
    "too_many_friends": (
        "You have {limit} friends and requests already.",
        "好友与请求已达 {limit} 个上限。",
    ),
    "too_many_blocks": (
        "You have blocked {limit} users already.",
        "已屏蔽 {limit} 名用户，达到上限。",
    ),
    "blocked_by_you": (
        "You have blocked this user. Unblock them first.",
        "你已屏蔽该用户，请先解除屏蔽。",
    ),
    "sign_in_again": (
        "Sign in again, and then ask for this within five minutes.",
        "请重新登录，并在五分钟内再次操作。",
    ),
    "last_admin": (
        "You are the last administrator; make somebody else one first.",
        "你是最后一位管理员，请先指定另一位管理员。",
    ),
    "already_closed": ("This account is being deleted.", "该账户正在注销。"),
    "too_many_exports": (
        "You have {limit} exports; delete one first.",
        "导出已达 {limit} 个，请先删除一个。",
    ),
    "import_under_way": (
        "Another import is under way; wait for it, or cancel it.",
        "另一个导入正在进行，请等待完成或先取消。",
    ),
    "archive_not_uploaded": (
        "Parts of the archive are missing.",
        "归档文件尚未上传完整。",
    ),
    "unknown_user": ("There is no such user.", "没有这个用户。"),
    "already_owner": ("The album is theirs already.", "该用户已是相册的主人。"),
    "too_many_members": (
        "An album has {limit} members at most.",
        "一个相册最多有 {limit} 名成员。",
    ),
    "unknown_label": ("This photo has no such label.", "这张照片没有这个标签。"),
    "unknown_model": ("There is no model {model} for {kind}.", "{kind} 没有名为 {model} 的模型。"),
    "model_retired": ("The model {model} is retired.", "模型 {model} 已停用。"),
    "only_active_model": (
        "Nothing else looks at {kind}. Make another model active; this one is its shadow then.",
        "{kind} 没有其他启用的模型。请启用另一个模型，此模型将转为影子运行。",
    ),
    "model_fails": (
        "{model} has failed where the model before has not ({failed} in all). If that may be, send "
        "despite_failures.",
        "{model} 在 {failed} 张照片上失败，而当前模型没有。如可接受，请加上 despite_failures。",
    ),
    "model_not_everywhere": (
        "{model} has not looked everywhere yet ({missing} to go). Let it run in the shadow first.",
        "{model} 还有 {missing} 张照片未分析。请先让它以影子方式运行直至完成。",
    ),
    "unknown_person": ("There is no such person.", "没有这个人物。"),
    "person_merged": (
        "This person was merged into {person}; say it of that one, or undo the merge first.",
        "此人物已合并到 {person}；请改用该人物，或先撤销合并。",
    ),
    "not_their_face": ("One of the faces is not this person's.", "其中有人脸不属于此人。"),
    "already_in_photo": (
        "Somebody has said that another face in this photo is this person.",
        "已有人确认这张照片里的另一张脸是此人。",
    ),
    "face_has_no_person": (
        "The face belongs to nobody; say in person_id who it is not.",
        "这张脸还不属于任何人；请用 person_id 说明它不是谁。",
    ),
    "merge_with_self": ("These two are one already.", "两者本来就是同一个人物。"),
    "people_share_photos": (
        "In {count} photos both are seen, so they are two people. If one of these faces is wrong, "
        "say so first.",
        "有 {count} 张照片同时出现两人，因此不是同一人。如其中有误，请先更正那张脸。",
    ),
    "contradiction": (
        "A face was confirmed as one of them and is said not to be the other. Decide that first.",
        "有人脸已确认是其中一人，又被指明不是另一人，请先更正。",
    ),
    "nothing_to_split": (
        "Choose some of the faces, and not all.",
        "请选择一部分人脸，不能不选或全选。",
    ),
    "already_undone": ("This has been undone already.", "此操作已撤销。"),
    "undo_newest_first": (
        "These people were merged or split again since. Undo that first.",
        "之后这些人物又有合并或拆分，请先撤销较新的操作。",
    ),
    "face_analysis_off": (
        "Face analysis is switched off for this account, or an album that holds the photo.",
        "此账户或照片所在的相册已关闭人脸分析。",
    ),
    "form_wanted": (
        "Send a form (multipart/form-data) with the picture as `image`.",
        "请以 multipart/form-data 表单发送图片，字段名为 image。",
    ),
    "bad_form": ("The form cannot be read.", "无法读取该表单。"),
    "functions_away": (
        "The functions that look at pictures are away for the moment. Try again.",
        "图像分析服务暂时不可用，请重试。",
    ),
    "functions_busy": (
        "Too many pictures are being looked at just now. Try again.",
        "当前分析请求过多，请稍后重试。",
    ),
    "functions_late": (
        "Looking at the picture takes too long; it may be because others wait, too.",
        "图片分析超时，可能是当前较为繁忙。",
    ),
    "nothing_to_do": (
        "No photo or object fits that could be analysed.",
        "没有符合条件、可供分析的照片或对象。",
    ),
    "batch_too_large": (
        "A batch holds {limit} at most. Narrow it.",
        "一个批次最多 {limit} 项，请缩小范围。",
    ),
    "too_many_batches": (
        "{limit} of your batches are running; wait for one, or cancel it.",
        "已有 {limit} 个批次在运行，请等待或取消其中之一。",
    ),
    "object_missing": ("The object is not in storage any more.", "该对象已不在存储中。"),
    "bad_signature": ("The signature is wrong or too old.", "签名错误或已过期。"),
    "bad_message": (
        "The message does not have the agreed shape: {reason}",
        "消息格式不符：{reason}",
    ),
    "unavailable": (
        "A server that this needs is away for the moment. Nothing is lost; try again.",
        "所需的服务暂时不可用，数据不会丢失，请重试。",
    ),
    "internal": ("Something went wrong on our side.", "服务器出现错误。"),
}


def problem(
    code: str,
    status: int,
    *,
    values: dict[str, object] | None = None,
    errors: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """The document; `detail` is in the language that the request asked for."""
    english, chinese = SENTENCES[code]
    sentence = chinese if (translation.get_language() or "").startswith("zh") else english
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": code.replace("_", " "),
        "status": status,
        "code": code,
        "detail": sentence.format(**values) if values else sentence,
    }
    if errors:
        document["errors"] = errors
    return document


def problem_response(
    code: str, status: int, *, headers: dict[str, str] | None = None, **parts: Any
) -> Response:
    return Response(
        problem(code, status, **parts), status=status, content_type=CONTENT_TYPE, headers=headers
    )


_REFUSED_BY_POLICY = (
    exceptions.NotAuthenticated,
    exceptions.AuthenticationFailed,
    exceptions.PermissionDenied,
)
# What DRF and Django raise, as one of our codes. The first that fits counts.
_CODES: tuple[tuple[type[Exception], str, int, dict[str, str]], ...] = (
    (exceptions.NotAuthenticated, "not_signed_in", 401, {"WWW-Authenticate": "Bearer"}),
    (exceptions.AuthenticationFailed, "bad_token", 401, {"WWW-Authenticate": "Bearer"}),
    (exceptions.PermissionDenied, "forbidden", 403, {}),
    (PermissionDenied, "forbidden", 403, {}),
    (Http404, "not_found", 404, {}),
    (exceptions.NotFound, "not_found", 404, {}),
    (exceptions.MethodNotAllowed, "method_not_allowed", 405, {}),
    (exceptions.NotAcceptable, "not_acceptable", 406, {}),
    (exceptions.UnsupportedMediaType, "unsupported_media_type", 415, {}),
    (exceptions.ParseError, "bad_json", 400, {}),
    (StorageError, "unavailable", 503, {"Retry-After": "5"}),
    (RedisError, "unavailable", 503, {"Retry-After": "5"}),
    (OperationalError, "unavailable", 503, {"Retry-After": "5"}),
    (InterfaceError, "unavailable", 503, {"Retry-After": "5"}),
)


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. None lets Django answer 500, which `server_error` renders."""
    if isinstance(error, _REFUSED_BY_POLICY):
        # It wants Django to be set up.
        from backend.api.rate_limit import count_refused

        try:
            is_known = isinstance(error, exceptions.PermissionDenied)
            count_refused(context["request"], is_known=is_known)
        except RefusedError as too_many:
            error = too_many
    if isinstance(error, RefusedError):
        values = dict(error.values)
        errors = [say_field(each) for each in cast(list[Any], values.pop("errors", []))]
        headers = {"Retry-After": str(values["wait"])} if "wait" in values else None
        return problem_response(
            error.code, error.status, headers=headers, values=values, errors=errors
        )
    if isinstance(error, exceptions.ValidationError):
        return problem_response("invalid", 400, errors=field_errors(error))
    for kind, code, status, more in _CODES:
        if isinstance(error, kind):
            if status == 503:
                logger.warning("unavailable: %s", error)
            return problem_response(code, status, headers=more)
    return None


def field_errors(error: exceptions.ValidationError) -> list[dict[str, str]]:
    """What is wrong with which field, as the problem document tells it."""
    return list(_flatten(error.get_full_details()))


def _flatten(details: Any, path: str = "") -> Iterator[dict[str, str]]:
    if isinstance(details, list):
        for entry in details:
            yield from _flatten(entry, path)
    elif isinstance(details, dict) and {"message", "code"} == set(details):
        error = {"field": path, "code": str(details["code"]), "detail": str(details["message"])}
        yield say_field(error)
    elif isinstance(details, dict):
        for name, entry in details.items():
            inner = path if name == "non_field_errors" else f"{path}.{name}".strip(".")
            yield from _flatten(entry, inner)


def plain_problem(code: str, status: int, *, headers: dict[str, str] | None = None) -> JsonResponse:
    """A problem document outside DRF."""
    return JsonResponse(
        problem(code, status), status=status, content_type=CONTENT_TYPE, headers=headers
    )


def read_only(view: View) -> View:
    """The view for GET and HEAD; any other method is answered by a problem document."""

    def refuse(request: HttpRequest) -> JsonResponse | None:
        if request.method in ("GET", "HEAD"):
            return None
        return plain_problem("method_not_allowed", 405, headers={"Allow": "GET, HEAD"})

    async def answer_async(request: HttpRequest, *args: Any, **values: Any) -> Any:
        return refuse(request) or await view(request, *args, **values)

    def answer(request: HttpRequest, *args: Any, **values: Any) -> Any:
        return refuse(request) or view(request, *args, **values)

    # What changes nothing needs no CSRF token to be refused.
    return csrf_exempt(answer_async if iscoroutinefunction(view) else answer)


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    return plain_problem("bad_request", 400)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """In the back-office a page that says what to do; elsewhere a problem document."""
    if request.path.startswith("/admin/"):
        return csrf_failure(request, reason)
    return plain_problem("forbidden", 403)


def not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    return plain_problem("not_found", 404)


def server_error(request: HttpRequest) -> JsonResponse:
    return plain_problem("internal", 500)
