"""The failure matrix: every fault that a delivery must survive, the tests that show it, and how real they are.

One row for each fault. `real` says what makes the fault happen; a row whose fault only a server that is written for it
can make says `why`. tests/docs/test_failure_matrix.py holds that the table is whole and that its tests exist;
docs/reference/failure-matrix.md is rendered from it.
"""

from dataclasses import dataclass

SSHD = "OpenSSH's sshd as an ordinary user"
PROXY = "a TCP proxy before OpenSSH's sshd"
DISK = "OpenSSH's sshd with a library preloaded that fails one system call"
SIGNAL = "a signal to a real process"
PROCESSES = "several real processes at once"
SOCKET = "a bare socket of this machine"
OURS = "our own files, clock or database; no server has a part in it"
WRITTEN = "a server written for it"

TRANSIENT = "transient"
PERMANENT = "permanent"
SECURITY = "security"
NONE = "none"

_FAULTS = "tests/integration/test_sftp_faults.py"
_REFUSALS = "tests/integration/test_sftp_refusals.py"
_DELIVERY = "tests/integration/test_sftp_delivery.py"
_DISKS = "tests/integration/test_failing_disks.py"
_LISTS = "tests/integration/test_deliver_lists.py"
_STRANGERS = "tests/integration/test_sftp_strangers.py"
_LANES = "tests/integration/test_delivery_lanes.py"
_RECEIPTS = "tests/integration/test_receipt_rows.py"
_AHEAD = "tests/integration/test_sessions_ahead.py"
_PROTOCOL = "tests/unit/delivery/test_sftp_protocol.py"
_FUZZED = "tests/properties/test_fuzzed_readers.py"


@dataclass(frozen=True, slots=True)
class Row:
    """One fault. `tests` are `file::function`.

    `journey` is a test of whole nights in processes of their own. Where there is one `real` speaks of it, else of the
    first of the tests; the others show the same close by.
    """

    number: int
    fault: str
    kind: str
    outcome: str
    real: str
    tests: tuple[str, ...]
    why: str = ""
    journey: str = ""


_NIGHTS = "tests/journeys/test_law_4_once_whatever_breaks.py"
_KILLED = (
    "tests/journeys/test_crash_at_every_seam.py::test_L1_L4_L5_a_night_that_ends_at_a_seam_is_finished_by_the_next"
)
_HOLES = f"{_FAULTS}::test_rows_3_to_6_a_hole_before_the_session_stands"
_BROKEN = f"{_FAULTS}::test_rows_30_31_a_broken_connection_is_transient_and_the_next_session_finishes"
_CRASH = f"{_LISTS}::test_L4_rows_38_39_a_crash_at_any_act_ends_in_one_delivery"

MATRIX = (
    Row(
        1,
        "nobody listens",
        TRANSIENT,
        "tried again",
        SSHD,
        (
            f"{_FAULTS}::test_row_1_nobody_listens",
            f"{_LISTS}::test_row_1_a_server_that_is_not_there_is_tried_three_times_and_the_list_stays_sealed",
        ),
    ),
    Row(
        2,
        "no such host, no route, no answer to the call",
        TRANSIENT,
        "tried again",
        SOCKET,
        (
            f"{_REFUSALS}::test_row_2_a_host_that_never_answers_the_call",
            f"{_REFUSALS}::test_row_2_a_host_that_cannot_be_found_or_reached",
        ),
    ),
    Row(
        3,
        "silence before the banner",
        TRANSIENT,
        "tried again",
        SOCKET,
        (
            f"{_STRANGERS}::test_row_3_silence_before_the_banner",
            _HOLES,
            f"{_AHEAD}::test_row_3_a_server_that_says_nothing_is_what_the_delivery_finds_by_itself",
        ),
    ),
    Row(4, "silence during the key exchange", TRANSIENT, "tried again", PROXY, (_HOLES,)),
    Row(5, "silence during the log-in", TRANSIENT, "tried again; not taken for a refused key", PROXY, (_HOLES,)),
    Row(6, "silence while SFTP is opened", TRANSIENT, "tried again", PROXY, (_HOLES,)),
    Row(
        7,
        "no algorithm in common",
        PERMANENT,
        "told, with those that we take",
        SSHD,
        (f"{_FAULTS}::test_row_7_no_algorithm_in_common",),
    ),
    Row(
        8,
        "a host key that is not pinned, of whatever type",
        SECURITY,
        "no log-in is tried; the partner is disabled",
        SSHD,
        (
            f"{_FAULTS}::test_L6_row_8_another_host_key_and_no_log_in_is_tried",
            f"{_FAULTS}::test_L6_row_8_a_pinned_key_of_another_type_is_no_excuse",
            f"{_LISTS}::test_L6_row_8_another_host_key_disables_the_partner",
            f"{_AHEAD}::test_L6_row_8_another_host_key_ahead_disables_nobody_and_the_delivery_does",
        ),
    ),
    Row(9, "the second of two pins", NONE, "delivered", SSHD, (f"{_FAULTS}::test_row_9_the_second_pin_counts_too",)),
    Row(
        10,
        "our key is refused",
        PERMANENT,
        "one try a run",
        SSHD,
        (
            f"{_LISTS}::test_row_10_a_refused_key_is_offered_once_in_a_run_and_the_list_stays_sealed",
            f"{_FAULTS}::test_row_10_a_refused_key_is_tried_once",
            f"{_AHEAD}::test_row_10_a_log_in_that_was_refused_ahead_is_the_one_of_this_run",
        ),
    ),
    Row(
        11,
        "our certificate has expired",
        PERMANENT,
        "one try a run; `partners check` warns a week before",
        SSHD,
        (
            f"{_REFUSALS}::test_row_11_a_certificate_that_has_expired_is_tried_once",
            f"{_REFUSALS}::test_row_11_a_certificate_that_is_valid_logs_in",
            f"{_REFUSALS}::test_row_11_a_check_warns_a_week_before_the_certificate_ends",
        ),
    ),
    Row(
        12,
        "a password is asked for",
        PERMANENT,
        "none is ever sent",
        SSHD,
        (f"{_FAULTS}::test_row_12_a_password_is_never_sent",),
    ),
    Row(
        13,
        "no SFTP for this user, or a greeting instead",
        PERMANENT,
        "told",
        SSHD,
        (
            f"{_FAULTS}::test_row_13_no_sftp_for_this_user",
            f"{_FAULTS}::test_row_13_a_greeting_instead_of_sftp",
            f"{_PROTOCOL}::test_row_13_a_greeting_by_somebody_who_is_gone_is_still_read",
        ),
    ),
    Row(
        14,
        "the folder is not there",
        PERMANENT,
        "told, never made",
        SSHD,
        (
            f"{_FAULTS}::test_row_14_a_missing_folder_is_told_and_not_made",
            f"{_LISTS}::test_rows_14_15_16_a_refusal_before_a_byte_leaves_the_list_sealed",
        ),
    ),
    Row(
        15,
        "no permission, or a server that is read-only",
        PERMANENT,
        "told",
        SSHD,
        (
            f"{_FAULTS}::test_row_15_a_read_only_server",
            f"{_FAULTS}::test_row_15_a_folder_that_we_may_not_write_to",
            f"{_LISTS}::test_rows_14_15_16_a_refusal_before_a_byte_leaves_the_list_sealed",
        ),
    ),
    Row(
        16,
        "a name that is not accepted",
        PERMANENT,
        "told",
        SSHD,
        (
            f"{_REFUSALS}::test_row_16_a_name_that_the_server_does_not_accept",
            f"{_LISTS}::test_rows_14_15_16_a_refusal_before_a_byte_leaves_the_list_sealed",
        ),
    ),
    Row(
        17,
        "a folder is in the way, or opening fails",
        TRANSIENT,
        "tried again; a folder under the final name is a conflict",
        SSHD,
        (
            f"{_REFUSALS}::test_row_17_a_failure_at_opening_that_says_no_more",
            f"{_FAULTS}::test_row_17_a_folder_stands_under_the_final_name",
        ),
    ),
    Row(
        18,
        "the same file is there already",
        NONE,
        "recorded, not sent again",
        SSHD,
        (
            f"{_DELIVERY}::test_L4_row_18_a_package_that_is_there_already_is_not_sent_again",
            f"{_LISTS}::test_row_18_a_list_that_is_there_already_is_recorded_and_not_sent_again",
        ),
    ),
    Row(
        19,
        "another file has the name",
        PERMANENT,
        "never overwritten",
        SSHD,
        (
            f"{_DELIVERY}::test_L5_row_19_another_file_under_the_name_is_never_overwritten",
            f"{_LISTS}::test_row_19_another_file_under_the_name_fails_the_list_for_good",
        ),
    ),
    Row(
        20,
        "a temporary file of an earlier run",
        NONE,
        "taken up where its beginning is right, else begun anew",
        SSHD,
        (
            f"{_DELIVERY}::test_row_20_a_stale_temporary_file_is_begun_anew",
            f"{_DELIVERY}::test_row_20_a_large_broken_off_file_is_taken_up_where_its_beginning_is_right",
        ),
    ),
    Row(
        21,
        "one write in the middle fails",
        TRANSIENT,
        "removed, not published",
        DISK,
        (
            f"{_DISKS}::test_row_21_a_write_in_the_middle_fails_once",
            f"{_PROTOCOL}::test_rows_21_22_any_write_that_fails_is_raised_whatever_the_order",
        ),
    ),
    Row(
        22,
        "one of the last writes fails",
        TRANSIENT,
        "removed, not published",
        DISK,
        (
            f"{_DISKS}::test_row_22_one_of_the_last_writes_fails_once",
            f"{_FAULTS}::test_rows_21_22_one_failed_write_of_31_is_never_missed",
        ),
    ),
    Row(
        23,
        "the disk is full",
        TRANSIENT,
        "its space is given back; a large package is not begun",
        DISK,
        (
            f"{_DISKS}::test_row_23_the_disk_is_full_for_one_write",
            f"{_DISKS}::test_row_23_a_large_package_is_not_begun_where_there_is_no_room",
            f"{_DISKS}::test_row_23_how_much_room_there_is_comes_from_the_server",
            f"{_FAULTS}::test_row_23_a_disk_that_is_full_gets_its_space_back",
            f"{_LISTS}::test_row_23_a_list_for_which_the_server_has_no_room_stays_sealed_and_is_tried_again",
            f"{_PROTOCOL}::test_row_23_room_is_what_is_free_for_us_and_unknown_where_nothing_is_said",
            f"{_PROTOCOL}::test_row_23_a_server_that_does_not_offer_to_say_is_not_asked",
        ),
    ),
    Row(
        24,
        "fsync fails",
        TRANSIENT,
        "not published",
        DISK,
        (f"{_DISKS}::test_row_24_the_disk_fails_at_fsync", f"{_FAULTS}::test_row_24_an_error_at_fsync"),
    ),
    Row(
        25,
        "close fails",
        TRANSIENT,
        "not published",
        DISK,
        (
            f"{_DISKS}::test_row_25_the_quota_is_found_to_be_used_up_at_close",
            f"{_FAULTS}::test_row_25_an_error_at_close",
        ),
    ),
    Row(
        26,
        "the file holds other bytes",
        f"{TRANSIENT} once, then {SECURITY}",
        "found by reading back; removed",
        DISK,
        (
            f"{_DISKS}::test_row_26_the_disk_keeps_other_bytes",
            f"{_DISKS}::test_rows_26_27_the_disk_leaves_a_hole_of_the_right_size",
            f"{_FAULTS}::test_row_26_wrong_content_of_the_right_size",
            f"{_LISTS}::test_row_26_content_that_differs_twice_disables_the_partner",
            f"{_LANES}::test_row_26_content_that_differs_again_disables_the_partner_once_and_nothing_is_published",
        ),
    ),
    Row(
        27,
        "the file is short, or its size is a lie",
        f"{TRANSIENT} once, then {SECURITY}",
        "removed",
        DISK,
        (
            f"{_DISKS}::test_row_27_the_disk_keeps_fewer_bytes",
            f"{_FAULTS}::test_row_27_a_file_that_is_shorter_than_what_was_acknowledged",
            f"{_FAULTS}::test_row_27_a_lie_about_the_size_is_found_by_reading_back",
        ),
    ),
    Row(
        28,
        "the server lacks fsync, posix-rename and limits",
        NONE,
        "delivered, not called durable",
        SSHD,
        (f"{_FAULTS}::test_row_28_without_extensions_it_is_delivered_and_not_called_durable",),
    ),
    Row(
        29,
        "a drop box that shows nothing",
        f"{PERMANENT}, unless agreed",
        "refused before a byte, or checked by size",
        SSHD,
        (
            f"{_FAULTS}::test_row_29_a_drop_box_is_refused_before_a_byte_where_reading_back_is_asked_for",
            f"{_FAULTS}::test_row_29_a_drop_box_is_checked_by_size_where_the_partner_agreed",
        ),
    ),
    Row(
        30,
        "the connection is cut, by FIN or by RST",
        TRANSIENT,
        "a large file is taken up where it ended",
        PROXY,
        (_BROKEN, f"{_FAULTS}::test_row_30_a_large_file_is_taken_up_where_the_connection_broke"),
    ),
    Row(
        31,
        "a bit flips on the way",
        f"{TRANSIENT}; three in a row {SECURITY}",
        "the connection ends; after the third on the way to us the partner is disabled",
        PROXY,
        (
            f"{_LISTS}::test_row_31_three_damaged_connections_in_a_row_disable_the_partner",
            f"{_FAULTS}::test_row_31_a_bit_that_flips_on_the_way_to_us_is_known_as_that",
            f"{_FAULTS}::test_row_31_a_length_that_nobody_sends_ends_the_connection_before_it_is_read",
            f"{_FAULTS}::test_row_31_a_connection_that_only_ends_was_not_damaged",
            _BROKEN,
        ),
    ),
    Row(
        32,
        "nothing passes any more in mid-transfer",
        TRANSIENT,
        "the watchdog ends it; no thread is left",
        PROXY,
        (f"{_FAULTS}::test_row_32_a_hole_in_mid_transfer_is_found_by_the_watchdog",),
    ),
    Row(
        33,
        "the server is stopped",
        TRANSIENT,
        "the watchdog ends it",
        SIGNAL,
        (f"{_FAULTS}::test_row_33_a_stopped_server_is_found_by_the_watchdog",),
    ),
    Row(
        34,
        "slow, and alive",
        NONE,
        "not cut; delivered",
        PROXY,
        (f"{_FAULTS}::test_row_34_a_slow_server_that_lives_is_not_cut",),
    ),
    Row(
        35,
        "slower than the least rate",
        TRANSIENT,
        "ended at the deadline",
        PROXY,
        (f"{_FAULTS}::test_row_35_a_trickle_meets_the_deadline",),
    ),
    Row(
        36,
        "new session keys in mid-transfer",
        NONE,
        "delivered",
        SSHD,
        (
            f"{_FAULTS}::test_row_36_new_keys_in_the_middle_of_a_transfer",
            f"{_FAULTS}::test_row_36_a_server_that_stalls_while_keys_are_exchanged_anew",
        ),
    ),
    Row(
        37,
        "the answer to the rename is lost",
        NONE,
        "looked up; one delivery",
        PROXY,
        (
            f"{_FAULTS}::test_L4_row_37_a_lost_answer_to_the_rename_is_one_delivery",
            f"{_LISTS}::test_L4_row_37_a_lost_answer_to_the_rename_never_leads_back_to_sending",
        ),
    ),
    Row(
        38,
        "killed after the upload, before the rename",
        NONE,
        "checked again and published; one delivery",
        SIGNAL,
        (
            f"{_DELIVERY}::test_row_38_what_was_staged_before_a_crash_is_published_without_being_written_again",
            _CRASH,
        ),
        journey=_KILLED,
    ),
    Row(
        39,
        "killed after the rename, before the commit",
        NONE,
        "found and recorded; one disclosure",
        SIGNAL,
        (_CRASH, f"{_LISTS}::test_L4_row_39_what_was_published_before_a_crash_is_not_written_again"),
        journey=_KILLED,
    ),
    Row(
        40,
        "two runs at once",
        NONE,
        "the second stands down",
        PROCESSES,
        (f"{_LISTS}::test_row_40_two_runs_at_once_do_not_touch_the_same_list",),
        journey=f"{_NIGHTS}::test_L4_three_runs_at_once_publish_each_list_once",
    ),
    Row(
        41,
        "an answer to a request that was not made",
        TRANSIENT,
        "the session ends",
        WRITTEN,
        (f"{_PROTOCOL}::test_row_41_an_answer_to_another_request_ends_the_session",),
        "No real server numbers its answers wrongly, and behind SSH's own integrity check no proxy can change them.",
    ),
    Row(
        42,
        "a banner without end, noise, oversize or malformed packets",
        f"{SECURITY}; noise instead of SSH {TRANSIENT}",
        "bounded memory; the partner is disabled",
        SOCKET,
        (
            f"{_STRANGERS}::test_row_42_a_partner_whose_server_breaks_the_protocol_is_disabled",
            f"{_STRANGERS}::test_row_42_a_banner_without_end_is_cut_off",
            f"{_STRANGERS}::test_row_42_noise_instead_of_a_banner",
            f"{_STRANGERS}::test_row_42_a_right_banner_and_then_noise",
            f"{_PROTOCOL}::test_row_42_a_packet_is_refused_by_its_length_before_it_is_read",
            f"{_PROTOCOL}::test_row_42_half_of_what_there_is_to_say_of_a_disk_is_malformed",
            f"{_PROTOCOL}::test_row_42_a_server_that_does_not_speak_sftp_is_found_at_once",
            f"{_PROTOCOL}::test_row_42_a_well_framed_answer_with_any_content_does_too",
            f"{_PROTOCOL}::test_row_42_any_bytes_end_in_one_of_the_faults_that_are_known",
            f"{_FUZZED}::test_row_42_a_damaged_packet_is_read_or_malformed",
            f"{_FUZZED}::test_row_42_a_packet_that_promises_more_than_it_holds_takes_no_memory",
            f"{_FUZZED}::test_row_42_a_damaged_answer_ends_in_a_known_fault",
        ),
    ),
    Row(
        43,
        "the recipient takes the file at once",
        NONE,
        "delivered",
        SSHD,
        (
            f"{_REFUSALS}::test_row_43_a_recipient_who_moves_files_as_soon_as_they_come",
            f"{_FAULTS}::test_row_43_a_recipient_who_takes_the_file_at_once_has_it",
        ),
    ),
    Row(
        44,
        "a good receipt",
        NONE,
        "kept, the list is received",
        SSHD,
        (f"{_RECEIPTS}::test_row_44_a_good_receipt_is_kept_as_it_came_and_then_put_away",),
    ),
    Row(
        45,
        "a receipt by another key, for another package, or for no list",
        SECURITY,
        "kept as evidence, moves nothing",
        SSHD,
        (f"{_RECEIPTS}::test_row_45_a_receipt_that_is_not_right_is_evidence_and_moves_nothing",),
    ),
    Row(
        46,
        "the same receipt again",
        NONE,
        "nothing new",
        SSHD,
        (f"{_RECEIPTS}::test_row_46_the_same_receipt_again_is_nothing_new",),
    ),
    Row(
        47,
        "a rejection",
        PERMANENT,
        "told; never sent again by itself",
        SSHD,
        (f"{_RECEIPTS}::test_row_47_a_rejection_moves_the_list_and_nothing_is_sent_again",),
    ),
    Row(
        48,
        "no receipt in the agreed days",
        PERMANENT,
        "uncollected and told; a late one counts",
        SSHD,
        (f"{_RECEIPTS}::test_row_48_no_receipt_in_the_agreed_days_is_uncollected_and_a_late_one_counts",),
    ),
    Row(
        49,
        "a receipt of ten gigabytes, or with a name that climbs",
        SECURITY,
        "not read, not written anywhere",
        SSHD,
        (
            f"{_RECEIPTS}::test_row_49_a_receipt_of_ten_gigabytes_or_one_that_climbs_is_told_and_not_read",
            f"{_DELIVERY}::test_row_49_a_receipt_that_is_too_large_or_ill_named_is_told_and_not_read",
        ),
    ),
    Row(
        50,
        "others can read our key, or nothing is pinned",
        PERMANENT,
        "no connection is made",
        OURS,
        (
            f"{_FAULTS}::test_row_50_a_key_that_others_can_read_is_not_used",
            f"{_REFUSALS}::test_row_50_a_partner_without_pins_is_not_called",
        ),
    ),
)
