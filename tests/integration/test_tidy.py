"""Once a day the service removes what was kept for long enough."""

from gateway.cli.service import services_of
from gateway.clock import SystemClock
from gateway.model.complaint import ComplaintAbout, ComplaintOutcome
from gateway.services.complaints.handle_complaints import close_complaint, record_complaint
from gateway.store.tables import complaint_notes
from tests.audited_county import an_audited_county


def test_old_files_of_the_log_and_notes_on_closed_complaints_go_once_a_day(tmp_path):
    county = an_audited_county(tmp_path)
    settings = county.settings_file.read_text(encoding="utf-8")
    # Yesterday is long enough for a note that is kept no day.
    county.settings_file.write_text(f"{settings}\n[complaints]\nnotes_kept_days = 0\n", encoding="utf-8")
    today = county.clock.today()
    with county.at() as workplace:
        made = record_complaint(
            workplace, case_reference="IG-2026-9", received_on=today, about=ComplaintAbout.OTHER, note="Said."
        )
        close_complaint(workplace, made.reference, ComplaintOutcome.WITHDRAWN)
    assert len(county.rows(complaint_notes)) == 1
    log = county.settings.state / "log"
    log.mkdir(exist_ok=True)
    for name in ("gateway-2020-01.log", f"gateway-{SystemClock().now():%Y-%m}.log"):
        (log / name).touch()
    night = services_of(county.settings)
    assert night.tidy_if_due()
    assert [path.name for path in log.iterdir()] == [f"gateway-{SystemClock().now():%Y-%m}.log"]
    assert county.rows(complaint_notes) == []
    (log / "gateway-2020-01.log").touch()
    assert not night.tidy_if_due()
    assert (log / "gateway-2020-01.log").exists()
