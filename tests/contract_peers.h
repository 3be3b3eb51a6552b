/* The part of the contract that a server of ours would not show: peers that send what they like. */
#ifndef TESTS_CONTRACT_PEERS_H
#define TESTS_CONTRACT_PEERS_H

/* Tests; the state is a struct twin. */
void nobody_listens(void **state);
void body_without_end_is_a_bad_body(void **state);
void deep_body_does_no_harm(void **state);
void where_an_answer_ends_decides(void **state);
void hostile_answers_then_closed(void **state);
void hostile_answers_left_open(void **state);
void hostile_ends_at_each_byte(void **state);
void nothing_of_the_environment_is_said(void **state);
void answer_without_end_is_bounded(void **state);
void timeout_is_of_all_that_comes_slowly(void **state);
void timeout_is_of_all_sends_together(void **state);

#endif
