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
from .api_key_page import ApiKeyPage
from .api_key_secret import ApiKeySecret
from .asked_deletion import AskedDeletion
from .asked_deletion_remaining import AskedDeletionRemaining
from .asked_deletion_removed import AskedDeletionRemoved
from .assign_request import AssignRequest
from .batch import Batch
from .batch_details import BatchDetails
from .batch_failure import BatchFailure
from .batch_page import BatchPage
from .batch_state_enum import BatchStateEnum
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
from .comparison import Comparison
from .coordinates import Coordinates
from .coordinates_request import CoordinatesRequest
from .cover import Cover
from .coverage import Coverage
from .decide_review_item_queue import DecideReviewItemQueue
from .decided_enum import DecidedEnum
from .decision_enum import DecisionEnum
from .decision_request import DecisionRequest
from .decline_request import DeclineRequest
from .deletion import Deletion
from .deletion_remaining import DeletionRemaining
from .deletion_removed import DeletionRemoved
from .delivery import Delivery
from .delivery_page import DeliveryPage
from .device import Device
from .device_page import DevicePage
from .duplicate import Duplicate
from .duplicate_group import DuplicateGroup
from .duplicate_page import DuplicatePage
from .erasure import Erasure
from .erasure_page import ErasurePage
from .erasure_scope_enum import ErasureScopeEnum
from .estimate import Estimate
from .event import Event
from .event_data import EventData
from .event_kind_enum import EventKindEnum
from .event_page import EventPage
from .export import Export
from .export_left_out_item import ExportLeftOutItem
from .export_page import ExportPage
from .export_status_enum import ExportStatusEnum
from .face import Face
from .faces_to_split_request import FacesToSplitRequest
from .failed_analysis import FailedAnalysis
from .failed_analysis_page import FailedAnalysisPage
from .failed_photo import FailedPhoto
from .failure import Failure
from .failure_filter_request import FailureFilterRequest
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
from .import_ import Import
from .import_failure import ImportFailure
from .import_page import ImportPage
from .import_part import ImportPart
from .import_status_enum import ImportStatusEnum
from .import_ticket import ImportTicket
from .import_upload import ImportUpload
from .into_request import IntoRequest
from .invitation import Invitation
from .invitation_page import InvitationPage
from .invitation_qr import InvitationQr
from .invitation_secret import InvitationSecret
from .kind_enum import KindEnum
from .label import Label
from .like import Like
from .like_page import LikePage
from .link import Link
from .link_page import LinkPage
from .link_photo import LinkPhoto
from .link_photo_page import LinkPhotoPage
from .link_secret import LinkSecret
from .list_failures_kind import ListFailuresKind
from .list_friends_state import ListFriendsState
from .list_photos_status import ListPhotosStatus
from .list_review_items_queue import ListReviewItemsQueue
from .location import Location
from .login_request import LoginRequest
from .loss import Loss
from .member import Member
from .member_page import MemberPage
from .memories import Memories
from .memory import Memory
from .memory_kind_enum import MemoryKindEnum
from .merged import Merged
from .model import Model
from .model_details import ModelDetails
from .model_page import ModelPage
from .model_use import ModelUse
from .moderation import Moderation
from .month import Month
from .named_user_request import NamedUserRequest
from .new_album_request import NewAlbumRequest
from .new_album_request_rule_type_0 import NewAlbumRequestRuleType0
from .new_api_key_request import NewApiKeyRequest
from .new_batch_request import NewBatchRequest
from .new_batch_request_filter import NewBatchRequestFilter
from .new_comment_request import NewCommentRequest
from .new_import_request import NewImportRequest
from .new_invitation_request import NewInvitationRequest
from .new_link_request import NewLinkRequest
from .new_member_request import NewMemberRequest
from .new_photo_request import NewPhotoRequest
from .new_user_language_enum import NewUserLanguageEnum
from .new_user_request import NewUserRequest
from .new_webhook_request import NewWebhookRequest
from .opinion import Opinion
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
from .picture_request import PictureRequest
from .piece import Piece
from .piece_kind_enum import PieceKindEnum
from .place import Place
from .predict_kind import PredictKind
from .predicted_face import PredictedFace
from .predicted_label import PredictedLabel
from .predicted_line import PredictedLine
from .predicted_moderation import PredictedModeration
from .predicted_text import PredictedText
from .prediction import Prediction
from .prediction_kind_enum import PredictionKindEnum
from .problem import Problem
from .proposal import Proposal
from .proposal_kind_enum import ProposalKindEnum
from .proposals import Proposals
from .range_request import RangeRequest
from .reactions import Reactions
from .reanalyze_request import ReanalyzeRequest
from .reason import Reason
from .received_invitation import ReceivedInvitation
from .refused_failure import RefusedFailure
from .refused_photo import RefusedPhoto
from .regrouping import Regrouping
from .regrouping_kind_enum import RegroupingKindEnum
from .regrouping_page import RegroupingPage
from .reject_request import RejectRequest
from .removed import Removed
from .replayed import Replayed
from .retried import Retried
from .retry_request import RetryRequest
from .review_decision import ReviewDecision
from .review_item import ReviewItem
from .review_item_page import ReviewItemPage
from .review_photo import ReviewPhoto
from .review_queue import ReviewQueue
from .review_queue_enum import ReviewQueueEnum
from .review_queue_page import ReviewQueuePage
from .review_request import ReviewRequest
from .review_urls import ReviewUrls
from .reviewed import Reviewed
from .role_enum import RoleEnum
from .rollout_request import RolloutRequest
from .rollout_state_enum import RolloutStateEnum
from .scope_enum import ScopeEnum
from .search import Search
from .search_status import SearchStatus
from .session import Session
from .shared_album import SharedAlbum
from .shared_album_loss import SharedAlbumLoss
from .sharing_check import SharingCheck
from .sharing_check_state_enum import SharingCheckStateEnum
from .side import Side
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
from .usage import Usage
from .user import User
from .user_language_enum import UserLanguageEnum
from .verdict_enum import VerdictEnum
from .verdict_request import VerdictRequest
from .webhook import Webhook
from .webhook_page import WebhookPage
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
    "ApiKeyPage",
    "ApiKeySecret",
    "AskedDeletion",
    "AskedDeletionRemaining",
    "AskedDeletionRemoved",
    "AssignRequest",
    "Batch",
    "BatchDetails",
    "BatchFailure",
    "BatchPage",
    "BatchStateEnum",
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
    "Comparison",
    "Coordinates",
    "CoordinatesRequest",
    "Cover",
    "Coverage",
    "DecideReviewItemQueue",
    "DecidedEnum",
    "DecisionEnum",
    "DecisionRequest",
    "DeclineRequest",
    "Deletion",
    "DeletionRemaining",
    "DeletionRemoved",
    "Delivery",
    "DeliveryPage",
    "Device",
    "DevicePage",
    "Duplicate",
    "DuplicateGroup",
    "DuplicatePage",
    "Erasure",
    "ErasurePage",
    "ErasureScopeEnum",
    "Estimate",
    "Event",
    "EventData",
    "EventKindEnum",
    "EventPage",
    "Export",
    "ExportLeftOutItem",
    "ExportPage",
    "ExportStatusEnum",
    "Face",
    "FacesToSplitRequest",
    "FailedAnalysis",
    "FailedAnalysisPage",
    "FailedPhoto",
    "Failure",
    "FailureFilterRequest",
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
    "Import",
    "ImportFailure",
    "ImportPage",
    "ImportPart",
    "ImportStatusEnum",
    "ImportTicket",
    "ImportUpload",
    "IntoRequest",
    "Invitation",
    "InvitationPage",
    "InvitationQr",
    "InvitationSecret",
    "KindEnum",
    "Label",
    "Like",
    "LikePage",
    "Link",
    "LinkPage",
    "LinkPhoto",
    "LinkPhotoPage",
    "LinkSecret",
    "ListFailuresKind",
    "ListFriendsState",
    "ListPhotosStatus",
    "ListReviewItemsQueue",
    "Location",
    "LoginRequest",
    "Loss",
    "Member",
    "MemberPage",
    "Memories",
    "Memory",
    "MemoryKindEnum",
    "Merged",
    "Model",
    "ModelDetails",
    "ModelPage",
    "ModelUse",
    "Moderation",
    "Month",
    "NamedUserRequest",
    "NewAlbumRequest",
    "NewAlbumRequestRuleType0",
    "NewApiKeyRequest",
    "NewBatchRequest",
    "NewBatchRequestFilter",
    "NewCommentRequest",
    "NewImportRequest",
    "NewInvitationRequest",
    "NewLinkRequest",
    "NewMemberRequest",
    "NewPhotoRequest",
    "NewUserLanguageEnum",
    "NewUserRequest",
    "NewWebhookRequest",
    "Opinion",
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
    "PictureRequest",
    "Piece",
    "PieceKindEnum",
    "Place",
    "PredictKind",
    "PredictedFace",
    "PredictedLabel",
    "PredictedLine",
    "PredictedModeration",
    "PredictedText",
    "Prediction",
    "PredictionKindEnum",
    "Problem",
    "Proposal",
    "ProposalKindEnum",
    "Proposals",
    "RangeRequest",
    "Reactions",
    "ReanalyzeRequest",
    "Reason",
    "ReceivedInvitation",
    "RefusedFailure",
    "RefusedPhoto",
    "Regrouping",
    "RegroupingKindEnum",
    "RegroupingPage",
    "RejectRequest",
    "Removed",
    "Replayed",
    "Retried",
    "RetryRequest",
    "ReviewDecision",
    "ReviewItem",
    "ReviewItemPage",
    "ReviewPhoto",
    "ReviewQueue",
    "ReviewQueueEnum",
    "ReviewQueuePage",
    "ReviewRequest",
    "ReviewUrls",
    "Reviewed",
    "RoleEnum",
    "RolloutRequest",
    "RolloutStateEnum",
    "ScopeEnum",
    "Search",
    "SearchStatus",
    "Session",
    "SharedAlbum",
    "SharedAlbumLoss",
    "SharingCheck",
    "SharingCheckStateEnum",
    "Side",
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
    "Usage",
    "User",
    "UserLanguageEnum",
    "VerdictEnum",
    "VerdictRequest",
    "Webhook",
    "WebhookPage",
    "WebhookSecret",
    "WechatCodeRequest",
    "WechatLink",
    "WechatLoginRequest",
)
