"""Contains all the data models used in inputs/outputs"""

from .action_enum import ActionEnum
from .activity import Activity
from .activity_kind_enum import ActivityKindEnum
from .activity_page import ActivityPage
from .album import Album
from .album_page import AlbumPage
from .album_photo import AlbumPhoto
from .album_photo_page import AlbumPhotoPage
from .album_rule_type_0 import AlbumRuleType0
from .album_title import AlbumTitle
from .analysis import Analysis
from .analysis_status_enum import AnalysisStatusEnum
from .answer import Answer
from .api_key import ApiKey
from .api_key_secret import ApiKeySecret
from .assign_request import AssignRequest
from .block import Block
from .block_page import BlockPage
from .box import Box
from .bulk_answer import BulkAnswer
from .bulk_request import BulkRequest
from .bulk_request_filter import BulkRequestFilter
from .camera import Camera
from .changed import Changed
from .cluster import Cluster
from .cluster_photo import ClusterPhoto
from .comment import Comment
from .comment_page import CommentPage
from .coordinates import Coordinates
from .coordinates_request import CoordinatesRequest
from .cover import Cover
from .decline_request import DeclineRequest
from .delivery import Delivery
from .device import Device
from .duplicate import Duplicate
from .duplicate_group import DuplicateGroup
from .duplicate_page import DuplicatePage
from .erasure import Erasure
from .erasure_page import ErasurePage
from .event import Event
from .event_data import EventData
from .event_kind_enum import EventKindEnum
from .event_page import EventPage
from .face import Face
from .faces_to_split_request import FacesToSplitRequest
from .failure import Failure
from .field_problem import FieldProblem
from .found_user import FoundUser
from .friend import Friend
from .friend_page import FriendPage
from .friend_state_enum import FriendStateEnum
from .friendship_enum import FriendshipEnum
from .get_invitation_qr_kind import GetInvitationQrKind
from .group import Group
from .group_kind_enum import GroupKindEnum
from .hit import Hit
from .into_request import IntoRequest
from .invitation import Invitation
from .invitation_qr import InvitationQr
from .invitation_secret import InvitationSecret
from .kind_enum import KindEnum
from .label import Label
from .like import Like
from .link import Link
from .link_photo import LinkPhoto
from .link_photo_page import LinkPhotoPage
from .link_secret import LinkSecret
from .list_friends_state import ListFriendsState
from .list_photos_status import ListPhotosStatus
from .location import Location
from .login_request import LoginRequest
from .member import Member
from .memories import Memories
from .memory import Memory
from .memory_kind_enum import MemoryKindEnum
from .merged import Merged
from .moderation import Moderation
from .month import Month
from .named_user_request import NamedUserRequest
from .new_album_request import NewAlbumRequest
from .new_album_request_rule_type_0 import NewAlbumRequestRuleType0
from .new_api_key_request import NewApiKeyRequest
from .new_comment_request import NewCommentRequest
from .new_invitation_request import NewInvitationRequest
from .new_link_request import NewLinkRequest
from .new_member_request import NewMemberRequest
from .new_photo_request import NewPhotoRequest
from .new_user_language_enum import NewUserLanguageEnum
from .new_user_request import NewUserRequest
from .new_webhook_request import NewWebhookRequest
from .parsed import Parsed
from .part import Part
from .password_request import PasswordRequest
from .patched_album_changes_request import PatchedAlbumChangesRequest
from .patched_album_changes_request_rule_type_0 import (
    PatchedAlbumChangesRequestRuleType0,
)
from .patched_changes_request import PatchedChangesRequest
from .patched_person_changes_request import PatchedPersonChangesRequest
from .patched_photo_order_request import PatchedPhotoOrderRequest
from .patched_user_request import PatchedUserRequest
from .person import Person
from .person_face import PersonFace
from .person_face_page import PersonFacePage
from .person_name import PersonName
from .person_of_album import PersonOfAlbum
from .person_page import PersonPage
from .photo import Photo
from .photo_ids_request import PhotoIdsRequest
from .photo_page import PhotoPage
from .photo_status_enum import PhotoStatusEnum
from .photo_summary import PhotoSummary
from .piece import Piece
from .piece_kind_enum import PieceKindEnum
from .place import Place
from .problem import Problem
from .proposal import Proposal
from .proposal_kind_enum import ProposalKindEnum
from .proposals import Proposals
from .range_request import RangeRequest
from .reactions import Reactions
from .reanalyze_request import ReanalyzeRequest
from .reason import Reason
from .received_invitation import ReceivedInvitation
from .refused_photo import RefusedPhoto
from .regrouping import Regrouping
from .regrouping_kind_enum import RegroupingKindEnum
from .regrouping_page import RegroupingPage
from .reject_request import RejectRequest
from .removed import Removed
from .replayed import Replayed
from .review_request import ReviewRequest
from .reviewed import Reviewed
from .role_enum import RoleEnum
from .scope_enum import ScopeEnum
from .search import Search
from .search_status import SearchStatus
from .session import Session
from .shared_album import SharedAlbum
from .sharing_check import SharingCheck
from .sharing_check_state_enum import SharingCheckStateEnum
from .similar_photo import SimilarPhoto
from .similar_photos import SimilarPhotos
from .source_enum import SourceEnum
from .split import Split
from .suggested_name import SuggestedName
from .suggested_name_kind_enum import SuggestedNameKindEnum
from .suggested_names import SuggestedNames
from .suggestion import Suggestion
from .suggestion_kind_enum import SuggestionKindEnum
from .suggestions import Suggestions
from .tag_request import TagRequest
from .text import Text
from .text_line import TextLine
from .ticket import Ticket
from .upload import Upload
from .upload_fields import UploadFields
from .upload_headers import UploadHeaders
from .upload_method_enum import UploadMethodEnum
from .urls import Urls
from .user import User
from .user_language_enum import UserLanguageEnum
from .verdict_enum import VerdictEnum
from .verdict_request import VerdictRequest
from .webhook import Webhook
from .webhook_secret import WebhookSecret
from .wechat_code_request import WechatCodeRequest
from .wechat_link import WechatLink
from .wechat_login_request import WechatLoginRequest

__all__ = (
    "ActionEnum",
    "Activity",
    "ActivityKindEnum",
    "ActivityPage",
    "Album",
    "AlbumPage",
    "AlbumPhoto",
    "AlbumPhotoPage",
    "AlbumRuleType0",
    "AlbumTitle",
    "Analysis",
    "AnalysisStatusEnum",
    "Answer",
    "ApiKey",
    "ApiKeySecret",
    "AssignRequest",
    "Block",
    "BlockPage",
    "Box",
    "BulkAnswer",
    "BulkRequest",
    "BulkRequestFilter",
    "Camera",
    "Changed",
    "Cluster",
    "ClusterPhoto",
    "Comment",
    "CommentPage",
    "Coordinates",
    "CoordinatesRequest",
    "Cover",
    "DeclineRequest",
    "Delivery",
    "Device",
    "Duplicate",
    "DuplicateGroup",
    "DuplicatePage",
    "Erasure",
    "ErasurePage",
    "Event",
    "EventData",
    "EventKindEnum",
    "EventPage",
    "Face",
    "FacesToSplitRequest",
    "Failure",
    "FieldProblem",
    "FoundUser",
    "Friend",
    "FriendPage",
    "FriendStateEnum",
    "FriendshipEnum",
    "GetInvitationQrKind",
    "Group",
    "GroupKindEnum",
    "Hit",
    "IntoRequest",
    "Invitation",
    "InvitationQr",
    "InvitationSecret",
    "KindEnum",
    "Label",
    "Like",
    "Link",
    "LinkPhoto",
    "LinkPhotoPage",
    "LinkSecret",
    "ListFriendsState",
    "ListPhotosStatus",
    "Location",
    "LoginRequest",
    "Member",
    "Memories",
    "Memory",
    "MemoryKindEnum",
    "Merged",
    "Moderation",
    "Month",
    "NamedUserRequest",
    "NewAlbumRequest",
    "NewAlbumRequestRuleType0",
    "NewApiKeyRequest",
    "NewCommentRequest",
    "NewInvitationRequest",
    "NewLinkRequest",
    "NewMemberRequest",
    "NewPhotoRequest",
    "NewUserLanguageEnum",
    "NewUserRequest",
    "NewWebhookRequest",
    "Parsed",
    "Part",
    "PasswordRequest",
    "PatchedAlbumChangesRequest",
    "PatchedAlbumChangesRequestRuleType0",
    "PatchedChangesRequest",
    "PatchedPersonChangesRequest",
    "PatchedPhotoOrderRequest",
    "PatchedUserRequest",
    "Person",
    "PersonFace",
    "PersonFacePage",
    "PersonName",
    "PersonOfAlbum",
    "PersonPage",
    "Photo",
    "PhotoIdsRequest",
    "PhotoPage",
    "PhotoStatusEnum",
    "PhotoSummary",
    "Piece",
    "PieceKindEnum",
    "Place",
    "Problem",
    "Proposal",
    "ProposalKindEnum",
    "Proposals",
    "RangeRequest",
    "Reactions",
    "ReanalyzeRequest",
    "Reason",
    "ReceivedInvitation",
    "RefusedPhoto",
    "Regrouping",
    "RegroupingKindEnum",
    "RegroupingPage",
    "RejectRequest",
    "Removed",
    "Replayed",
    "ReviewRequest",
    "Reviewed",
    "RoleEnum",
    "ScopeEnum",
    "Search",
    "SearchStatus",
    "Session",
    "SharedAlbum",
    "SharingCheck",
    "SharingCheckStateEnum",
    "SimilarPhoto",
    "SimilarPhotos",
    "SourceEnum",
    "Split",
    "SuggestedName",
    "SuggestedNameKindEnum",
    "SuggestedNames",
    "Suggestion",
    "SuggestionKindEnum",
    "Suggestions",
    "TagRequest",
    "Text",
    "TextLine",
    "Ticket",
    "Upload",
    "UploadFields",
    "UploadHeaders",
    "UploadMethodEnum",
    "Urls",
    "User",
    "UserLanguageEnum",
    "VerdictEnum",
    "VerdictRequest",
    "Webhook",
    "WebhookSecret",
    "WechatCodeRequest",
    "WechatLink",
    "WechatLoginRequest",
)
