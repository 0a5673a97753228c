"""What holds for faces and people whoever writes them: Django, COPY or a cascade."""

from django.conf import settings
from django.db import migrations, models

_COMPLETE = """
create function people_complete_face() returns trigger language plpgsql as $$
begin
    if new.owner_id is null then
        select owner_id into new.owner_id from photos_photo where id = new.photo_id;
    end if;
    if new.person_id is null then
        new.exemplar := true;
        new.assigned_at := null;
    elsif new.assigned_at is null then
        new.assigned_at := clock_timestamp();
    end if;
    return new;
end $$;
create trigger people_complete_face before insert or update on people_face
    for each row execute function people_complete_face();
"""

# A statement at a time: moving ten thousand faces writes each person once.
_COUNT = """
create function people_count_faces() returns trigger language plpgsql as $$
declare
    changes jsonb;
begin
    if tg_op = 'INSERT' then
        select jsonb_object_agg(person_id, n) into changes from (
            select person_id, count(*) n from came where person_id is not null group by 1) d;
    elsif tg_op = 'DELETE' then
        select jsonb_object_agg(person_id, n) into changes from (
            select person_id, -count(*) n from went where person_id is not null group by 1) d;
    else
        select jsonb_object_agg(person_id, n) into changes from (
            select person_id, sum(n) n from (
                select person_id, 1 n from came union all select person_id, -1 from went) each
            where person_id is not null group by 1 having sum(n) <> 0) d;
    end if;
    if changes is null then
        return null;
    end if;
    -- In one order, so that two transactions never wait for each other.
    perform 1 from people_person where id in (select jsonb_object_keys(changes)::uuid)
        order by id for no key update;
    update people_person set
        face_count = face_count + (changes ->> id::text)::int,
        changed = true
    where id in (select jsonb_object_keys(changes)::uuid);
    return null;
end $$;
create trigger people_count_new_faces after insert on people_face
    referencing new table as came for each statement execute function people_count_faces();
create trigger people_count_moved_faces after update on people_face
    referencing old table as went new table as came
    for each statement execute function people_count_faces();
create trigger people_count_gone_faces after delete on people_face
    referencing old table as went for each statement execute function people_count_faces();
"""

_DROP = """
drop trigger people_complete_face on people_face;
drop trigger people_count_new_faces on people_face;
drop trigger people_count_moved_faces on people_face;
drop trigger people_count_gone_faces on people_face;
drop function people_complete_face();
drop function people_count_faces();
"""

# Constraints are checked at once: a table with checks outstanding cannot be altered.
_FILL = """
set constraints all immediate;
update people_face face set owner_id = photo.owner_id, assigned_at = case
    when face.person_id is null then null else now() end
    from photos_photo photo where photo.id = face.photo_id;
update people_person person set face_count = counted.n
    from (select person_id, count(*) n from people_face group by 1) counted
    where counted.person_id = person.id;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0002_exemplars_and_history")]

    operations = [
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="face",
            name="owner",
            field=models.ForeignKey(
                editable=False,
                on_delete=models.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(_COMPLETE + _COUNT, _DROP),
    ]
