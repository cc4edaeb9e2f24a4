"""Each fault of mail, of accounts and of what is asked of us has its tests, and stands in docs/reliability.md."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INDEX = """
54 adapters/chats/test_email_faults.py test_fault_54_a_server_that_says_later_gets_the_same_mail_later
54 adapters/chats/test_email_faults.py test_fault_54_a_server_that_always_says_later_costs_this_digest_and_no_paper
55 adapters/chats/test_email_faults.py test_fault_55_an_address_that_is_no_more_is_suppressed_visibly_until_it_is_confirmed_anew
55 adapters/chats/test_email_returns.py test_a_bounce_and_a_complaint_are_read_and_believed
56 adapters/chats/test_email_faults.py test_fault_56_a_mail_of_which_nobody_knows_is_held_and_sent_once_more
56 adapters/chats/test_email_faults.py test_fault_56_a_second_unclear_end_is_left_to_a_person
57 adapters/chats/test_email_returns.py test_fault_57_a_forged_one_is_not_believed
57 adapters/chats/test_email_returns.py test_fault_57_one_of_long_ago_is_not_believed
57 adapters/chats/test_email_returns.py test_fault_57_a_bounce_counts_once_and_the_answer_never_says_whether_it_did
58 adapters/web/starlette/test_mail.py test_one_click_stops_without_cookie_page_or_origin_and_twice_is_fine
58 adapters/web/starlette/test_mail.py test_a_token_that_is_not_ours_is_told_nothing
58 adapters/web/starlette/test_mail.py test_a_get_by_a_scanner_changes_nothing_anywhere
59 adapters/chats/test_email_faults.py test_fault_59_no_text_from_outside_becomes_a_header_or_a_recipient
60 commands/test_optin.py test_an_address_gets_one_letter_a_day_however_it_is_spelt_and_whoever_asks
60 commands/test_optin.py test_a_network_gets_five_letters_an_hour_and_is_told_so
60 commands/test_optin.py test_an_address_that_is_not_confirmed_is_deleted_after_48_hours_and_its_link_is_over
60 commands/test_optin.py test_a_letter_shows_no_query_that_could_be_read_as_a_link
61 adapters/chats/test_email_returns.py test_fault_61_automatic_answers_delays_and_nonsense_are_no_bounces
61 adapters/chats/test_email_faults.py test_fault_61_our_mail_says_that_no_answer_is_wanted_from_machines
62 adapters/chats/test_email_addresses.py test_an_address_is_accepted_as_it_is
62 adapters/chats/test_email_addresses.py test_what_cannot_be_written_to_is_refused_with_the_reason
98 adapters/chats/slack/test_slack_actions.py test_a_button_of_a_paper_that_is_no_more_says_so
98 adapters/chats/slack/test_slack_actions.py test_a_button_whose_meaning_is_kept_no_longer_says_so
98 desk/test_following.py test_a_stale_pick_list_never_stops_another_subscription
98 desk/test_desk.py test_whatever_a_button_carries_gets_an_answer
99 adapters/chats/slack/test_slack_commands.py test_a_guest_changes_nothing_here_and_may_follow_alone
99 adapters/chats/slack/test_slack_commands.py test_a_guest_who_presses_a_members_button_is_refused
99 desk/test_following.py test_permission_is_asked_again_when_the_button_is_pressed
100 adapters/chats/slack/test_slack_tenants.py test_no_row_and_no_word_crosses
100 adapters/chats/slack/test_slack_tenants.py test_a_button_of_one_workspace_means_nothing_in_the_other
100 contracts/store_tenants.py test_a_change_of_one_channel_is_no_change_of_another
101 adapters/chats/slack/test_slack_install.py test_an_organisation_serves_its_workspaces_until_it_takes_one_out
101 adapters/chats/slack/test_slack_install.py test_two_workspaces_with_the_same_ids_never_meet
102 adapters/chats/slack/test_slack_install.py test_a_way_back_that_nobody_began_is_refused
102 adapters/chats/slack/test_slack_install.py test_a_state_works_once_and_in_one_browser
103 cli/test_secrets.py test_no_secret_is_said
103 cli/test_secrets.py test_a_wrong_secret_is_named_by_its_key
103 adapters/chats/slack/test_slack_hooks.py test_debug_logs_hold_no_token
103 adapters/web/starlette/test_guard.py test_a_fault_of_ours_is_a_sentence_outside_and_a_traceback_inside_and_neither_has_the_link
104 adapters/web/starlette/test_pages.py test_titles_abstracts_and_queries_are_data
104 adapters/web/starlette/test_feeds.py test_what_is_hostile_is_text
104 adapters/web/starlette/test_guard.py test_every_answer_tells_the_browser_to_load_and_run_nothing
104 adapters/chats/test_email_layout.py test_a_title_that_wants_to_be_markup_is_text
104 desk/test_saving.py test_no_title_breaks_out_of_an_export
105 adapters/web/starlette/test_mail.py test_a_form_of_another_site_is_refused
105 adapters/web/starlette/test_mail.py test_a_form_without_its_seal_or_from_another_browser_is_refused
105 adapters/web/starlette/test_guard.py test_pages_can_only_be_read
106 adapters/web/starlette/test_guard.py test_requests_that_two_servers_could_read_differently_are_refused
106 adapters/web/starlette/test_guard.py test_only_names_of_ours_are_answered_and_none_is_echoed
106 adapters/web/starlette/test_mail.py test_private_pages_are_kept_by_nobody_and_the_cookie_is_for_them_alone
106 adapters/web/starlette/test_pages.py test_a_paper_that_is_not_there_is_not_found
107 adapters/web/starlette/test_mail.py test_a_letter_confirms_once
107 adapters/web/starlette/test_mail.py test_a_token_is_good_for_what_it_was_made_for
107 adapters/web/starlette/test_mail.py test_whatever_we_know_of_an_address_the_answer_is_the_same
108 desk/test_desk.py test_one_person_who_floods_waits_and_others_do_not
108 commands/test_following.py test_a_channel_has_a_most_and_then_still_says_what_is_there
108 adapters/web/starlette/test_guard.py test_a_client_that_asks_too_often_waits_and_the_others_do_not
108 adapters/web/starlette/test_server.py test_somebody_who_never_finishes_a_question_is_hung_up_on
109 commands/test_following.py test_fault_109_a_channel_that_follows_nothing_any_more_gets_nothing_of_what_waits
109 commands/test_optin.py test_stopping_ends_everything_also_what_waits_and_what_may_have_been_sent_and_twice_is_fine
109 desk/test_desk.py test_after_thirty_days_nothing_of_it_is_left_and_nobody_else_loses
109 commands/test_portable.py test_what_is_exported_can_be_read_by_people_and_comes_back_the_same
"""  # noqa: E501  (a row a line)
"""Number, file, test. Most have their cases as parameters; the others are one story with several steps."""
ROWS = [tuple(line.split()) for line in INDEX.strip().splitlines()]


@cache
def _tests(path: str) -> set[str]:
    tree = ast.parse((ROOT / "tests" / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize(("number", "path", "name"), ROWS)
def test_a_fault_has_its_tests_and_is_told(number: str, path: str, name: str) -> None:
    assert name in _tests(path)
    told = (ROOT / "docs" / "reliability.md").read_text()
    assert re.search(rf"^\| {number} \| .+ \| .+ \|$", told, re.MULTILINE)


def test_none_is_left_out() -> None:
    assert {int(number) for number, _, _ in ROWS} == {*range(54, 63), *range(98, 110)}
