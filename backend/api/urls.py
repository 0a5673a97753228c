"""Every route of the public API, version 1."""

from django.urls import path

from backend.api import (
    accounts,
    album_links,
    album_members,
    album_photos,
    albums,
    api_keys,
    bulk,
    duplicates,
    events,
    library,
    memories,
    people,
    photos,
    search,
    shared,
    shared_archive,
    webhooks,
    wechat,
)

urlpatterns = [
    path("auth/login", accounts.LoginView.as_view(), name="login"),
    path("auth/wechat", wechat.WechatLoginView.as_view(), name="wechat-login"),
    path("me/wechat", wechat.OwnWechatView.as_view(), name="own-wechat"),
    path("auth/logout", accounts.LogoutView.as_view(), name="logout"),
    path("me", accounts.MeView.as_view(), name="me"),
    path("me/devices", accounts.DevicesView.as_view(), name="devices"),
    path("me/devices/<uuid:device_id>", accounts.DeviceView.as_view(), name="device"),
    path("api-keys", api_keys.ApiKeysView.as_view(), name="api-keys"),
    path("api-keys/<uuid:key_id>", api_keys.ApiKeyView.as_view(), name="api-key"),
    path("users", accounts.UsersView.as_view(), name="users"),
    path("photos", photos.PhotosView.as_view(), name="photos"),
    path("photos/bulk", bulk.BulkView.as_view(), name="photos-bulk"),
    path("photos/<uuid:photo_id>", photos.PhotoView.as_view(), name="photo"),
    path("photos/<uuid:photo_id>/complete", photos.CompleteView.as_view(), name="photo-complete"),
    path("photos/<uuid:photo_id>/restore", photos.RestoreView.as_view(), name="photo-restore"),
    *(
        path(
            f"photos/<uuid:photo_id>/{name}",
            photos.RenditionView.as_view(),
            {"name": name},
            name="photo-rendition",
        )
        for name in ("thumbnail", "preview", "original")
    ),
    path("photos/<uuid:photo_id>/tags", photos.TagsView.as_view(), name="photo-tags"),
    path(
        "photos/<uuid:photo_id>/labels/<str:name>/verdict",
        photos.LabelVerdictView.as_view(),
        name="photo-label-verdict",
    ),
    path(
        "photos/<uuid:photo_id>/reanalyze", photos.ReanalyzeView.as_view(), name="photo-reanalyze"
    ),
    path("people", people.PeopleView.as_view(), name="people"),
    path("people/proposals", people.ProposalsView.as_view(), name="people-proposals"),
    path("people/<uuid:person_id>", people.PersonView.as_view(), name="person"),
    *(
        path(f"people/<uuid:person_id>/{name}", view.as_view(), name=f"person-{name}")
        for name, view in (
            ("faces", people.FacesView),
            ("merge", people.MergeView),
            ("split", people.SplitView),
            ("suggestions", people.SuggestionsView),
            ("decline", people.DeclineView),
            ("biometrics", people.BiometricsView),
        )
    ),
    path("me/biometrics", people.OwnBiometricsView.as_view(), name="own-biometrics"),
    path("faces/<uuid:face_id>/assign", people.AssignView.as_view(), name="face-assign"),
    path("faces/<uuid:face_id>/reject", people.RejectView.as_view(), name="face-reject"),
    path("merges", people.MergesView.as_view(), name="merges"),
    path("merges/<uuid:merge_id>/undo", people.UndoView.as_view(), name="merge-undo"),
    path("splits/<uuid:merge_id>/undo", people.UndoView.as_view(), name="split-undo"),
    path("erasures", people.ErasuresView.as_view(), name="erasures"),
    path("albums", albums.AlbumsView.as_view(), name="albums"),
    path("albums/<uuid:album_id>", albums.AlbumView.as_view(), name="album"),
    path(
        "albums/<uuid:album_id>/photos",
        album_photos.AlbumPhotosView.as_view(),
        name="album-photos",
    ),
    path(
        "albums/<uuid:album_id>/members",
        album_members.MembersView.as_view(),
        name="album-members",
    ),
    path(
        "albums/<uuid:album_id>/members/<uuid:user_id>",
        album_members.MemberView.as_view(),
        name="album-member",
    ),
    path("albums/<uuid:album_id>/links", album_links.AlbumLinksView.as_view(), name="album-links"),
    path(
        "albums/<uuid:album_id>/links/<uuid:link_id>",
        album_links.AlbumLinkView.as_view(),
        name="album-link",
    ),
    path("links/<str:token>", shared.LinkView.as_view(), name="link"),
    path("links/<str:token>/unlock", shared.UnlockView.as_view(), name="link-unlock"),
    path("links/<str:token>/photos", shared.LinkPhotosView.as_view(), name="link-photos"),
    path("links/<str:token>/archive", shared_archive.ArchiveView.as_view(), name="link-archive"),
    path("events", events.waiting(events.EventsView.as_view()), name="events"),
    path("webhooks", webhooks.WebhooksView.as_view(), name="webhooks"),
    path("webhooks/<uuid:webhook_id>", webhooks.WebhookView.as_view(), name="webhook"),
    path("webhooks/<uuid:webhook_id>/replay", webhooks.ReplayView.as_view(), name="webhook-replay"),
    path(
        "webhooks/<uuid:webhook_id>/deliveries",
        webhooks.DeliveriesView.as_view(),
        name="webhook-deliveries",
    ),
    path(
        "webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/redeliver",
        webhooks.RedeliverView.as_view(),
        name="webhook-redeliver",
    ),
    path("photos/<uuid:photo_id>/similar", duplicates.SimilarView.as_view(), name="photo-similar"),
    path("duplicates", duplicates.DuplicatesView.as_view(), name="duplicates"),
    path("duplicates/<uuid:group_id>", duplicates.DuplicateView.as_view(), name="duplicate"),
    path("timeline", library.TimelineView.as_view(), name="timeline"),
    path("memories", memories.MemoriesView.as_view(), name="memories"),
    path("map", library.MapView.as_view(), name="map"),
    path("search", search.SearchView.as_view(), name="search"),
    path("search/suggest", search.SuggestView.as_view(), name="suggest"),
    path("ask", search.AskView.as_view(), name="ask"),
]
