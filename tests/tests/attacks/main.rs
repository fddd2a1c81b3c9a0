//! The attack catalogue: each line of it is one test named after its id and its promise, run on the real module in the
//! embedded host. `registry` asserts that no line is missing, `stage` what must hold in every case: no trap, nothing
//! upstream but what was admitted, no callout but where one is expected, no token in a log line or a response, and exactly
//! one reason counted for a refusal.

mod a_structure;
mod advisories;
mod b_algorithm;
mod c_header;
mod d_rsa;
mod d_signatures;
mod e_claims;
mod e_shapes;
mod f_issuers;
mod f_providers;
mod fixture;
mod forge;
mod g_credential;
mod h_identity_headers;
mod h_identity_values;
mod i_hosts;
mod i_routes;
mod j_key_sets;
mod k_key_life;
mod k_many_at_once;
mod l_remembered;
mod m_shared_data;
mod n_configuration;
mod n_traps;
mod o_faults;
mod o_hostcalls;
mod o_hosts;
mod o_robustness;
mod p_seam;
mod q_report_only;
mod record;
mod registry;
mod report_only;
mod stage;
