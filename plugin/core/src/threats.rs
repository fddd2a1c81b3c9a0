//! The threat manual: what an attacker may control, what is promised, what answers each known attack, what the operator must do,
//! and what is out of scope. It holds no code.
//!
//! A name such as `tests/tests/attacks::b01_none_in_any_spelling_and_with_any_signature_is_refused` is a test; one in
//! `tests/tests/attacks` runs the deployed module in an embedded host and also asserts that nothing trapped, that nothing went upstream
//! but what was admitted, that the token is in no log line and no response, and that a refusal moved exactly one reason counter.
//!
//! # What an attacker may control
//!
//! - **The client**: every byte of a request that the host lets through: method, path, authority, header names and values, cookies, query,
//!   trailers, their order and number, when a stream ends, and how many there are at once.
//! - **The token**: all of it. Header and payload before the proof choose nothing but the issuer's entry, the algorithm among those
//!   that the entry allows, and the key among the issuer's own. A client may hold genuine tokens: of its own, for other services, expired.
//! - **An issuer that is configured**: the claims of its tokens, its key set and its discovery document. It speaks for itself and for no
//!   other issuer; what it may say about groups is bounded by `groups.map`.
//! - **The answers about keys**: status, headers, body, delay, or none at all. Who answers for a cluster is settled by TLS, which is
//!   the operator's part.
//! - **Another module of the same `vm_id`**: it may write garbage, old and foreign records into shared data. A consistent pair of record and
//!   set, which it can compute, is believed: a `vm_id` of its own is the operator's part.
//!
//! Trusted: the host and the machine, the configuration and whoever writes it, the host's clock, and everything between the filter
//! and the service.
//!
//! # What is promised
//!
//! 1. A request that needs a token goes on only with one that a current key of the issuer in its `iss` has proven, with an algorithm that the
//!    issuer's entry and the key allow, in time, meant for this service, and with what the route demands. Where a token is remembered, only
//!    its proof is: time, audience and the route are judged on every request.
//! 2. Identity headers, in every spelling that a service may fold into them, are removed from the client's request on every path, and set from the
//!    proven token alone. Two identities never share a spelling.
//! 3. Keys come from the configured addresses alone. Those of one issuer never prove a token of another. Without keys the answer is 503.
//! 4. No request, token, key set or discovery document traps the module, and what each can cost in memory, time, callouts and waiting requests
//!    has a bound.
//! 5. No token is written into a log line, a metric, shared data or a response. Names of metrics and of shared data come from
//!    the configuration.
//! 6. A configuration with a mistake is refused whole, and the old one goes on.
//!
//! [`crate::gate::decide`] is the whole line; the types from [`crate::token::UnverifiedToken`] to [`crate::header::HeaderValue`] make a
//! step that was left out an error of the compiler. This crate has no `unsafe`.
//!
//! # Known attacks
//!
//! `tests/CATALOGUE.md` lists the attacks by the sections below, each with an id that begins a test's name, and those that do not apply with
//! their reasons; `tests/tests/attacks/registry.rs` asserts that no row is without a test and no test without a row. Each row here
//! names the tests to begin with.
//!
//! | attack | what answers it | tests |
//! | --- | --- | --- |
//! | A: other shapes, paddings, alphabets and spellings of a token | three parts, one spelling of each ([`crate::base64url`]); size before everything | `tests/tests/attacks::a02_an_empty_part_is_a_part` `tests/tests/attacks::a03_five_parts_are_refused_as_encrypted_before_anything_is_decoded` `tests/tests/attacks::a05_a_token_over_the_limit_is_refused_before_it_is_read` `tests/tests/attacks::a09_padding_is_refused` `tests/tests/attacks::a11_unused_bits_are_zero_so_that_a_token_has_one_spelling` |
//! | B: `alg` is `none`, HMAC under a public key, any confusion of algorithms | the entry lists algorithms, a key has one type and curve, secrets are inline and listed and never beside public keys | `tests/tests/attacks::b01_none_in_any_spelling_and_with_any_signature_is_refused` `tests/tests/attacks::b04_a_public_key_is_never_a_secret` `tests/tests/attacks::b07_a_key_verifies_its_own_algorithm_alone` `tests/tests/attacks::b09_the_algorithm_of_the_key_binds_the_token` `tests/tests/attacks::b10_the_curve_is_bound_to_the_algorithm` |
//! | C: `jwk`, `jku`, `x5u`, `x5c`, `crit`, `b64`, hostile `kid` | none of them is read but `kid`, which is compared byte for byte among the issuer's keys; `crit` is refused | `tests/tests/attacks::c01_an_embedded_key_is_not_looked_at` `tests/tests/attacks::c02_urls_in_the_header_are_never_fetched` `tests/tests/attacks::c04_critical_extensions_are_refused_whatever_they_are` `tests/tests/attacks::c06_a_hostile_kid_chooses_nothing_and_is_written_nowhere` `tests/tests/attacks::c11_a_header_member_given_twice_is_refused` |
//! | D: changed, psychic, misencoded signatures, forged padding | `plugin/signatures` takes one form of each signature; the guest pins hash and curve also where the host verifies | `tests/tests/attacks::d01_one_flipped_bit_anywhere_in_a_signature_is_refused` `tests/tests/attacks::d03_one_changed_byte_anywhere_in_what_is_signed_is_refused` `tests/tests/attacks::d04_psychic_signatures_are_refused` `tests/tests/attacks::d11_pkcs1_padding_has_one_form` `tests/tests/attacks::d15_the_forgery_for_exponent_three_is_refused` |
//! | E: claims twice, of the wrong type, absurd numbers, no expiry, other services, ID tokens | [`crate::json`] refuses duplicates at any depth and keeps numbers as written; a wrong type of a claim that decides is never an absence; a mail address that nobody verified names nobody | `tests/tests/attacks::e01_a_claim_given_twice_is_refused_at_any_depth` `tests/tests/attacks::e03_a_wrong_expiry_is_not_an_absent_one` `tests/tests/attacks::e05_any_number_is_read_exactly_and_nothing_wraps` `tests/tests/attacks::e13_an_audience_is_compared_byte_for_byte` `tests/tests/attacks::e17_an_id_token_is_no_access_token` `tests/tests/attacks::e18_a_token_bound_to_a_key_is_not_a_bearer_token` `tests/tests/attacks::e23_claims_that_decide_stay_strict_about_null` `tests/tests/attacks::e24_actor_without_a_name_is_refused_at_any_depth` `tests/tests/attacks::e28_combined_rules_hold_as_they_read` `tests/tests/attacks::e29_unverified_mail_names_nobody` |
//! | F: one issuer for another, issuers that look alike | `iss` byte for byte; it chooses the keys, and a `kid` alone never does | `tests/tests/attacks::f02_an_issuer_is_compared_byte_for_byte` `tests/tests/attacks::f04_one_issuer_cannot_sign_for_another` `tests/tests/attacks::f06_an_unknown_issuer_is_not_anonymous` `tests/tests/attacks::f08_the_claimed_issuer_feeds_nothing_before_it_is_proven` `tests/tests/attacks::f10_whoever_has_one_issuers_keys_signs_for_no_other` |
//! | G: two tokens, tokens in unexpected places | all values are read; more than one token is 400 | `tests/tests/attacks::g03_two_authorization_headers_are_refused_in_any_order` `tests/tests/attacks::g05_one_token_in_two_places_is_refused_even_if_it_is_the_same` `tests/tests/attacks::g06_bytes_that_are_no_text_are_refused_without_a_trap` `tests/tests/attacks::g08_a_token_in_the_query_is_found_once_and_taken_out` |
//! | H: forged identity headers, split groups, merged identities | removed first and before any decision, also in trailers; values are percent-encoded, never cut, never shortened | `tests/tests/attacks::h01_forged_identity_headers_go_on_every_path` `tests/tests/attacks::h04_every_spelling_that_a_backend_may_fold_into_ours_goes` `tests/tests/attacks::h05_identity_headers_in_trailers_go` `tests/tests/attacks::h08_controls_never_go_out_raw_and_are_never_dropped` `tests/tests/attacks::h09_no_two_identities_share_a_spelling` `tests/tests/attacks::h11_one_group_never_becomes_two` `tests/tests/attacks::h20_claim_headers_of_two_values_differ` |
//! | I: a path, method, host or preflight that opens a route | an ambiguous path is never open and meets the rules of all its spellings; an ambiguous or doubled authority is never open and meets every rule that names hosts | `tests/tests/attacks::i01_only_an_unambiguous_path_is_open` `tests/tests/attacks::an_ambiguous_path_does_not_slip_past_a_rule_that_asks_for_more` `plugin/core/src/route/tests.rs::another_spelling_of_a_path_does_not_slip_past_its_rule` `tests/tests/attacks::i02_paths_in_other_headers_choose_no_route` `tests/tests/attacks::i06_only_a_real_preflight_passes_and_only_where_it_may` `tests/tests/attacks::i10_a_host_in_the_target_or_in_a_second_header_chooses_no_route` `tests/tests/attacks::i11_ambiguous_host_meets_rules_that_name_hosts` `tests/tests/attacks::i14_ambiguous_path_meets_rules_beside_the_named_one` `tests/tests/attacks::i15_path_meets_the_rules_of_all_its_readings` `tests/tests/attacks::i17_path_that_is_not_followed_meets_every_rule` |
//! | J: poisoned or weak keys in a set | each key is admitted or left out and counted; a set without a usable one changes nothing | `tests/tests/attacks::j02_keys_of_one_kid_are_tried_and_no_others` `tests/tests/attacks::j16_skipped_entry_disturbs_no_key_of_its_kid` `tests/tests/attacks::j03_a_key_with_private_members_is_left_out_and_counted` `tests/tests/attacks::j05_a_fetched_secret_is_never_a_key` `tests/tests/attacks::j07_an_rsa_key_is_of_sound_size_and_exponent` `tests/tests/attacks::j08_an_ec_key_is_a_point_of_its_curve` |
//! | K: outages, redirects, slow answers, floods of unknown `kid`s, withdrawn keys | one fetch a process and cool-down; last good keys until `max_stale`; then 503 | `tests/tests/attacks::k01_only_a_200_is_read_and_no_redirect_followed` `tests/tests/attacks::k04_without_keys_nothing_gets_in` `tests/tests/attacks::k05_ten_thousand_unknown_kids_in_a_second_cause_three_fetches` `tests/tests/attacks::k17_made_up_kid_makes_no_rotation_a_401` `tests/tests/attacks::k20_requests_of_one_issuer_leave_slots_to_others` `tests/tests/attacks::k08_a_withdrawn_key_stops_working_with_the_next_refresh_everywhere` `tests/tests/attacks::k10_the_last_good_set_lasts_until_max_stale_and_no_longer` `tests/tests/attacks::k14_nothing_of_a_request_reaches_a_callout` `tests/tests/attacks::k15_a_cold_start_fetches_once_and_whoever_waits_is_bounded_and_answered_once` |
//! | L: a remembered token that no longer holds, or is somebody else's | by its whole text and the generation of its keys; bounded; in one worker | `tests/tests/attacks::l01_a_remembered_token_is_still_judged_by_the_clock` `tests/tests/attacks::l02_a_token_is_remembered_by_all_of_its_text` `tests/tests/attacks::l03_what_was_remembered_ends_with_its_configuration_and_its_keys` `tests/tests/attacks::l04_a_remembered_token_is_judged_anew_on_every_route` `tests/tests/attacks::l05_a_flood_of_bad_tokens_drives_no_good_one_out` |
//! | M: garbage and foreign records in shared data | a record is bound to issuer and address, a set to the record's SHA-256; what does not fit is fetched again | `tests/tests/attacks::m01_names_in_shared_data_come_from_the_configuration_alone` `tests/tests/attacks::m02_what_somebody_else_wrote_under_our_names_is_not_believed` `tests/tests/attacks::m03_two_configurations_in_one_vm_do_not_mix` `tests/tests/attacks::m07_without_shared_data_every_worker_fetches_for_itself` |
//! | Q: what report-only lets through | identity only with proof; forged headers go; closed routes and what cannot be cleaned stay refused; all rules must report | `tests/tests/attacks::q01_refused_request_goes_on_without_identity` `tests/tests/attacks::q03_forged_headers_and_trailers_are_removed` `tests/tests/attacks::q05_one_enforced_rule_refuses` `tests/tests/attacks::q07_unknown_policy_is_closed_unless_nothing_is_enforced` `tests/tests/attacks::q10_headers_that_cannot_be_removed_are_refused` |
//! | N: a configuration that opens more than it says | unknown fields, duplicates and contradictions refuse it whole; what is not said is the safe choice | `tests/tests/attacks::n01_what_is_not_understood_is_refused_with_its_path` `tests/tests/attacks::n02_an_issuer_whose_tokens_are_meant_for_anybody_must_say_so` `tests/tests/attacks::n03_algorithms_that_prove_nothing_cannot_be_listed` `tests/tests/attacks::n05_a_bad_configuration_leaves_the_good_one_in_charge` `tests/tests/attacks::n06_a_held_request_ends_under_the_configuration_it_began_with` |
//! | O: traps, growth, endless work, injection into logs and responses | host calls return `Result`; buffers are bounded before they are read; texts are escaped; refusals are made of constants | `tests/tests/attacks::o01_no_byte_in_any_header_name_or_value_traps` `tests/tests/attacks::o02_a_host_that_hands_over_nothing_lets_nothing_through` `tests/tests/attacks::o02_no_status_of_any_hostcall_traps` `tests/tests/attacks::o02_no_status_that_comes_once_traps` `tests/tests/attacks::o02_no_status_traps_while_a_configuration_is_taken` `tests/tests/attacks::o04_answers_and_ends_in_any_order_trap_nothing` `tests/tests/attacks::o06_memory_stops_growing` `tests/tests/attacks::o07_the_worst_request_has_a_bound` `tests/tests/attacks::o12_what_is_written_is_one_escaped_line_and_metric_names_are_the_configurations` `tests/tests/attacks::o13_a_refusal_is_made_of_constants_and_fits_its_client` |
//! | P: routes that the host picks again, host calls that fail, headers for the next hop | where the host's routes choose rules, a request with identity headers is refused and the token leaves its place empty; a name that cannot be read is one that no rule has; `connection` loses the names of identity headers | `tests/tests/attacks::p01_rule_of_the_serving_route_holds` `tests/tests/attacks::p02_forged_header_is_refused_where_routes_choose` `tests/tests/attacks::p06_unreadable_rule_name_is_closed` `tests/tests/attacks::p08_missing_capability_is_warned_of` `tests/tests/attacks::p10_next_hop_is_not_told_to_drop_identity` |
//!
//! A host call whose status still traps stands in the table of `tests/tests/attacks/o_hostcalls.rs` with its reason; no client can cause it.
//!
//! # Advisories
//!
//! Mistakes that others made, each with a test that has the number in its name. `tests/tests/documents.rs` asserts that none is missing here.
//!
//! | advisory | where | what answers it here | test |
//! | --- | --- | --- | --- |
//! | CVE-2026-32597, GHSA-752w, CVE-2025-59420, GHSA-hm7r | PyJWT, Authlib, fast-jwt | `crit` is refused, whatever it names | `tests/tests/attacks::cve_2026_32597_ghsa_752w_cve_2025_59420_ghsa_hm7r_an_unknown_crit_is_refused` |
//! | CVE-2026-48525 | PyJWT | `b64` is refused | `tests/tests/attacks::cve_2026_48525_an_unencoded_payload_is_refused` |
//! | CVE-2026-48526, CVE-2026-0265 | PyJWT, PAN-OS | a public key is no secret | `tests/tests/attacks::cve_2026_48526_cve_2026_0265_a_public_jwk_is_no_hmac_secret` |
//! | CVE-2026-34950 | fast-jwt | secrets are JWKs of type `oct`; no PEM is read | `tests/tests/attacks::cve_2026_34950_a_pem_behind_whitespace_is_no_hmac_secret` |
//! | CVE-2026-48523 | PyJWT | `alg` of the key binds the token | `tests/tests/attacks::cve_2026_48523_the_algorithm_of_the_key_binds_the_token` |
//! | CVE-2026-48522, CVE-2026-41413, GHSA-fgw5 | PyJWT, Istio | https, to the configured cluster; bodies are never shown | `tests/tests/attacks::cve_2026_48522_cve_2026_41413_ghsa_fgw5_keys_come_from_configured_urls_only` |
//! | CVE-2026-48524 | PyJWT | an error keeps the last good keys | `tests/tests/attacks::cve_2026_48524_a_transient_error_keeps_the_keys` |
//! | GHSA-9v7f | PyJWT | only a 200 is read | `tests/tests/attacks::ghsa_9v7f_a_redirect_to_other_keys_is_not_followed` |
//! | GHSA-2gx3 | PyJWT | three fetches in a cool-down, over all workers | `tests/tests/attacks::ghsa_2gx3_a_flood_of_unknown_kids_causes_three_fetches` |
//! | GHSA-8wjv, GHSA-w6j9 | PyJWT | a bad key is left out, the rest works | `tests/tests/attacks::ghsa_8wjv_ghsa_w6j9_one_bad_key_or_a_deep_one_spoils_no_other` |
//! | GHSA-hxm8 | PyJWT | strict base64url, one spelling | `tests/tests/attacks::ghsa_hxm8_the_compact_encoding_has_one_spelling` |
//! | PyJWT 2.14 | PyJWT | a secret is at least as long as its hash | `tests/tests/attacks::pyjwt_2_14_an_empty_hmac_key_is_no_key` |
//! | CVE-2026-25537 | jsonwebtoken | a wrong type is not an absence | `tests/tests/attacks::cve_2026_25537_a_wrong_typed_exp_or_nbf_is_not_an_absent_one` |
//! | jsonwebtoken 542 | jsonwebtoken | `nbf` is always checked | `tests/tests/attacks::jsonwebtoken_542_nbf_is_checked_without_being_asked_for` |
//! | CVE-2026-35039 | fast-jwt | the whole text is compared | `tests/tests/attacks::cve_2026_35039_a_collision_of_hashes_gives_nobody_elses_claims` |
//! | CVE-2026-27962 | Authlib | an embedded `jwk` is not read | `tests/tests/attacks::cve_2026_27962_an_embedded_jwk_is_no_key` |
//! | CVE-2024-53861 | PyJWT | `iss` byte for byte | `tests/tests/attacks::cve_2024_53861_a_part_of_an_issuer_is_not_the_issuer` |
//! | CVE-2025-30204, CVE-2025-27144 | golang-jwt, go-jose | parts are counted, not collected | `tests/tests/attacks::cve_2025_30204_cve_2025_27144_many_dots_cost_no_memory` |
//! | CVE-2026-29000, GHSA-c8v6 | pac4j, json-jwt | an encrypted token is refused unopened | `tests/tests/attacks::cve_2026_29000_ghsa_c8v6_an_encrypted_token_is_not_unwrapped` |
//! | GHSA-jc38 | web-token | compact serialization only: there is one header | `tests/tests/attacks::ghsa_jc38_the_algorithm_comes_from_the_protected_header` |
//! | Envoy 46586 | Envoy | removal comes before every decision | `tests/tests/attacks::envoy_46586_forged_identity_headers_go_where_no_token_is_read` |
//! | CVE-2023-27487 | Envoy | `:path` alone chooses a route | `tests/tests/attacks::cve_2023_27487_x_envoy_original_path_opens_nothing` |
//! | CVE-2021-21378 | Envoy | no token is not a bad token | `tests/tests/attacks::cve_2021_21378_an_unknown_issuer_is_not_anonymous` |
//! | CVE-2020-25017 | Envoy | removed, then added | `tests/tests/attacks::cve_2020_25017_every_copy_of_a_header_is_replaced` |
//! | CVE-2026-26308 | Envoy | a value with a comma is no token | `tests/tests/attacks::cve_2026_26308_headers_joined_with_a_comma_are_two_credentials` |
//! | CVE-2019-9900 | Envoy | values are bytes with a length | `tests/tests/attacks::cve_2019_9900_a_nul_in_a_header_splits_nothing` |
//! | CVE-2023-27493, CVE-2024-45808 | Envoy | values are percent-encoded, log lines escaped | `tests/tests/attacks::cve_2023_27493_cve_2024_45808_claims_cannot_break_out_of_a_header_or_a_log_line` |
//! | CVE-2024-45809, CVE-2025-64527 | Envoy | every end of a callout is an outcome | `tests/tests/attacks::cve_2024_45809_cve_2025_64527_no_answer_about_keys_brings_the_filter_down` |
//! | CVE-2019-9901, CVE-2021-31920 | Envoy, Istio | an ambiguous path is never open | `tests/tests/attacks::cve_2019_9901_cve_2021_31920_no_spelling_of_a_path_slips_past_a_rule` |
//! | CVE-2026-31837 | Istio | no key is built in; 503 | `tests/tests/attacks::cve_2026_31837_without_keys_there_is_no_key` |
//! | linkerd 4605, wasm-shim 405 | linkerd, wasm-shim | hosts have no case, port or trailing dot | `tests/tests/attacks::linkerd_4605_wasm_shim_405_a_host_has_no_case` |
//!
//! # What the operator must do
//!
//! - **Header names with underscores.** The filter removes `x_auth_subject` as it removes `x-auth-subject`, under the names that it
//!   manages and no others. Set `headers_with_underscores_action: REJECT_REQUEST`, as the files in `envoy/` do, so that no other header is two headers to the
//!   service: `tests/tests/end_to_end_envoy.rs::underscores_are_refused_as_the_published_file_says`.
//! - **Trusted hops.** The filter reads no `Forwarded`, `X-Forwarded-*` or `X-Real-IP`; it knows `:path`, `:method` and `:authority`, all
//!   written by the client or by the proxy in front. Set `use_remote_address` and `xff_num_trusted_hops` to the number of proxies that you run in front, for
//!   everybody who does read those headers. A proxy in front, a second claimgate too, cannot hand in an identity header: it is removed.
//! - **Routes that choose rules.** Envoy shows a filter the metadata of the route that it picked first, and serves by the one that it picks after the
//!   filter's changes. Do not name rules on routes that are picked by the value of a token's header, cookie or parameter, or by an identity header that the filter sets
//!   (`manual/configuration.md`, "Rules that Envoy's routes choose").
//! - **Callbacks.** Whether the host calls `proxy_on_request_trailers` cannot be seen from inside: a restriction without it lets forged identity headers through as trailers.
//! - **One way in.** The service is reachable through the filter alone. No route switches the filter off (`disabled: true`): that also
//!   switches off the removal of identity headers; name a rule with `access: public` instead. A filter before this one sees what the client wrote.
//! - **`vm_id`.** Give every claimgate its own, and no other module that name. An empty one is shared by all modules that have an empty one.
//!   Istio's WasmPlugin writes none and has no field for one: there every WasmPlugin of a proxy shares the data, so run none beside claimgate that
//!   you would not trust with the decision, or write an EnvoyFilter with a `vm_id`.
//!   Leave `vm_config.configuration` empty: the modes of the `claimgate` command are chosen there, and `explain` logs claims.
//! - **Failure policy.** `FAIL_RELOAD`, or `FAIL_CLOSED`. Never `FAIL_OPEN`, nor the old `fail_open: true`: after a trap every request would go on with the
//!   headers that the client made up: `tests/tests/attacks::o03_no_published_configuration_fails_open`.
//! - **TLS to the providers.** The cluster of the keys validates the certificate for the provider's name, as in `envoy/tls-provider.yaml`; without
//!   a validation context Envoy accepts any: `tests/tests/tls_provider.rs::a_certificate_for_another_host_is_refused`. No `allow_insecure` beyond one machine.
//! - **Paths.** `normalize_path`, `merge_slashes` and `path_with_escaped_slashes_action: REJECT_REQUEST`, so that Envoy and the service mean the same.
//!   Paths are compared with case: before a service that ignores case, the strictest demand belongs in `default_route`.
//! - **Identity.** A subject is unique within its issuer only: a service keys on `x-auth-issuer` and `x-auth-subject` together. `provider` does not
//!   replace `x-auth-issuer`: an entry with `{tenantid}` or `aliases` has one name for all its tenants, each of which may have a subject `bob`
//!   (`tests/tests/attacks::f14_tenants_of_one_entry_are_told_apart`). The audit line has both, as `issuer` and `iss`.
//!   A provider that serves the whole world issues tokens to strangers under the same `iss`: a rule says whose are meant
//!   (`tests/tests/attacks::n08_provider_of_the_world_needs_an_owner`). So does a provider whose clients choose the audience, such as a cluster's service accounts.
//! - **Report only.** With `enforce: false` a request goes on that would be refused, without identity: the service must not take a request for checked because it
//!   arrived. No forged header goes with it, and no identity without proof: `tests/tests/attacks::q01_refused_request_goes_on_without_identity`, and the whole
//!   catalogue runs in that mode beside the other (`tests/tests/attacks/report_only.rs`).
//! - **Internal redirects.** A request that Envoy redirects by itself passes the filter again, without the token that was removed: an optional route takes
//!   it for anonymous. `forward_token` where that is used: `tests/tests/answers_in_envoy.rs::internal_redirect_needs_the_token_a_second_time`.
//! - **Tokens in the query.** The filter takes the parameter out of `:path`, of refused requests too (`tests/tests/attacks::g12_refused_query_token_leaves_the_path`),
//!   but a proxy in front, the browser's history and the log lines that Envoy writes without asking the filter keep it. Prefer the header.
//!   `"unmapped": "keep"` lets a provider name any of your groups.
//! - **Warnings.** Heed `claimgate check`: each warning is legal and unwise (`plugin/core/src/config/tests.rs::what_is_legal_and_unwise_is_a_warning`).
//! - **Secrets and claims.** A configuration with inline secrets is readable where Envoy's admin interface is. `audit: all` and
//!   `identity_headers.payload` hand on personal data.
//! - **Clock.** Keep the host's clock right. Without one, tokens are answered 503.
//! - **Load.** Limit rates before the filter. A token that is not remembered costs up to four verifications.
//! - **Capability restriction.** `capability_restriction_config.allowed_capabilities` with the list of `manual/operations.md`, which is this one
//!   and what the module imports and exports (`tests/tests/envoy_examples.rs::the_filter_may_do_what_the_module_does_and_nothing_else`).
//!   A real Envoy runs with it in `tests/tests/envoy_examples.rs::under_the_restrictions_of_the_examples_the_filter_does_all_it_does`.
//!
//! | for | functions |
//! | --- | --- |
//! | any configuration | `proxy_log` `proxy_get_buffer_bytes` `proxy_get_header_map_pairs` `proxy_add_header_map_value` `proxy_replace_header_map_value` `proxy_remove_header_map_value` `proxy_send_local_response` `proxy_define_metric` `proxy_increment_metric` `proxy_record_metric` `proxy_get_current_time_nanoseconds` |
//! | remote keys | `proxy_http_call` `proxy_set_tick_period_milliseconds` `proxy_get_shared_data` `proxy_set_shared_data` `proxy_continue_stream` `proxy_set_effective_context` |
//! | route metadata, filter state | `proxy_get_property` `proxy_set_property` |
//! | Envoy's own crypto | `proxy_call_foreign_function` |
//! | callbacks | `proxy_on_configure` `proxy_on_context_create` `proxy_on_request_headers` `proxy_on_request_trailers` `proxy_on_tick` `proxy_on_http_call_response` `proxy_on_delete` |
//!
//! Without shared data each worker fetches keys for itself
//! (`tests/tests/attacks::m07_without_shared_data_every_worker_fetches_for_itself`); without callouts only inline keys work
//! (`tests/tests/other_hosts.rs::without_callouts_there_are_inline_keys_and_no_others`).
//!
//! # Out of scope
//!
//! - **Stolen tokens.** A bearer token is good until it expires. Revocation lists and introspection are not there; `max_lifetime` and `max_token_age`
//!   shorten the time. DPoP and mTLS binding are not verified, and so a token with `cnf` is refused.
//! - **A withdrawn key** works until the next refresh, after `ttl` at the latest; while the provider cannot be reached, until `max_stale`.
//! - **An issuer that lies** about its own users.
//! - **The host**: faults of Envoy, of its Wasm engine and of the machine, a reader of the process's memory, and whoever may change the
//!   configuration or write to the host's shared data under this `vm_id`.
//! - **Volume.** Floods of connections, streams and bytes are the host's to limit.
//! - **Timing.** Verification with public keys is not in constant time, since nothing in it is secret; the comparison of an HMAC is. Refusals of
//!   invalid tokens are alike in text (`tests/tests/attacks::o11_an_invalid_token_is_answered_alike_whatever_is_wrong_with_it`), not in duration; and with
//!   `errors.detail: reason` not in text.
//! - **Bodies.** The filter reads none, and no response.
