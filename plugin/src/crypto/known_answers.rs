//! Keys whose private halves nobody has any more, and one token of each algorithm made with them.

use claimgate_core::algorithm::Algorithm;

/// The public keys.
pub(super) const KEYS: &str = r#"{"keys":[{"kty":"RSA","kid":"r","n":"m5j1eA5wwKeSR5GUQNW7bRUdcdD-9HCrSJUJMkSUPua1Yb-CJ3zKYB4rVdMo5luQ9rfjcjTvxbLH4EhjrbmbtzaoPYtcfdI1Eei3KoDFxvN6BiCy6-s3DXzmmJA3HHFrCKowv26NCqI9e2csN5AG7HAzgPfpbBNMjMjtgeR-MMV843Ohmxflhn30p4CCyYSoJscd1heC5Q35LYWVvzg2LP6SwnfR3BGgH2oT_VLFBVQsKu1HsMJ9V_TkClJZofBKUYZGYUruvc71IJR8vxHF2VfzaCB2XsLq93Urk2tfzBHmKtUz4Dwqqt5FoumBWPiK4BbUF2BDqvCqtUbupoQ_iQ","e":"AQAB"},{"kty":"EC","kid":"ES256","crv":"P-256","x":"S7PHwKbY0KkQcKhcNfiDbPUigN_3L7REsBSMn62_QkI","y":"opYH7C-Hka67DbolSn_4SeFqHUkPkIPDxnKWCnglKiI"},{"kty":"EC","kid":"ES384","crv":"P-384","x":"GUUj87NqK02lbeQDGMQY4nKB-qmaaCCt5Y-D7hjl6zCEtfBdizHDLv3FHeGqUF68","y":"5BoeirPo6Rw4yeiV60ZkBqy1f6Ry-UcDDo8FsiZE97_VSsePK5o5wouA0bg_J5ut"},{"kty":"EC","kid":"ES512","crv":"P-521","x":"AUuFyaF3fAvsVxzeSUeH3Gp0fUW3YrSftz95fX3ksEIYWKIK9T-5hmodDEJzTrUSY3Yo3YGxaGfnvp2QG8_QKxWA","y":"AdeXSQKfkZSYgv7D6WG_tOcovLFmYKLtgoXz8U_t1tWQXEJM6AOrG-6pdgD6x01L68ge3ivpg9MHVSSqMTMvbrLS"},{"kty":"OKP","kid":"e","crv":"Ed25519","x":"MFGxxvvCcFk2vr3c02ZRRFvFbg0R4-d7IZS2nURQf1g"}]}"#;

/// For each algorithm a token over those keys.
pub(super) const TOKENS: [(Algorithm, &str); 8] = [
    (
        Algorithm::Rs256,
        "eyJhbGciOiJSUzI1NiIsImtpZCI6InIifQ.Y2xhaW1nYXRl.VHTh3J_8KljCbdqYm3pOHtb2v6BbWEEUC2aofqb8TkbhCTPeS7Mif_SP4FNXr85SQirgvyUMwj671gZcofE0xFZxqie_mzQ_XvXh0-y-8Bbu-B4TF0SpI8qkJSiGinmljEntVG_lYOTggLDIbJuRFchZPfwCnBmWf7f-0mTEHnkE4qpLSlhKaxCq0RLC6uVddXtPFIOdY06OynRBBnXCVbNPTZ19iWHK5VV2NkoJ0RLMHU8U11GJNYPr2eBhE5q82lw8ssNEtIv_JfR1dkxM-OlYpyc3ic80zC5wNgnnD3jqrHquI_zTW8y5HffO2Si2kpv7aSPv_akWbJG7W7K3Pw",
    ),
    (
        Algorithm::Rs384,
        "eyJhbGciOiJSUzM4NCIsImtpZCI6InIifQ.Y2xhaW1nYXRl.Q-WZ2cJrD7gEK9395OR_7R3Hc0SEJ45yR6UjJcooeuqDonWZfh9_BUiyCBunNEGhm0Q-F8OnR8j4lV1R2Sq0bPpcZzU28RI_2NFfa5j_2_RtQtja5cA1JJrKQbprO42iMLk7WCdQqRyc75BqwzXQZbT_5GrubjFWrF4J93ey1T150hnl4PTlvVh0S4-mf6BOhiQdX1jXsfxLv3bdqI9xJZe7b8OXxqC9tT38C4uZFGbx443AjcDXIAoiV2Uj9CqXhPlQto_wXXHCCMxy9iwL3V_O_bEWvZEqA5sUIAhRK1_PrrX3OMqwedllIGd7bASxSu8rOop3iPuBSNVZIrBUaQ",
    ),
    (
        Algorithm::Rs512,
        "eyJhbGciOiJSUzUxMiIsImtpZCI6InIifQ.Y2xhaW1nYXRl.ProNNAx6YtnXe_V_P_da_SlPr-a_jlqlmm_MVV-l3nr6E-kVi1tniqG6KvDxSD8uvZlc_g0AZzAccG4gtyjD4vJ4sHOtm-1_gR90QrqMcMbhEqFwVVExwOoZP9Lm9M_bH18tHUv5qtywfQjBvpxCD1krPBPixI5LP29OIZ29OqrTKMrxwgO-vBnfAwE0aQe9fEdAGgXtlD_DIVLTAtNE4KJLkPiQZHPqLIgGDuzwvjtsAIKtygrCLK_wTbIhDlWWwO9zNt6BRkdPCX2Gh9Qe1yzt6ETZc0Im3DeklMRDi2QJgVU3GkZyx68AiyQ8-n0Eqmez7X3EZdp0TLw7YYw-5Q",
    ),
    (
        Algorithm::Ps256,
        "eyJhbGciOiJQUzI1NiIsImtpZCI6InIifQ.Y2xhaW1nYXRl.CxvDuGR8QftecvaM7w3Pwd-bSiqNmUNB5jo11N9d1ky1dzL4ztE5LZZD0-e4i73fyBHWfGm42JL_Y9HxKTBicfssjwm2FvXnGeXc53jCn8Jqdg9vmCm3vWyd9E7yF0bFOsMlb-1YsUKjvEQtpHKZKPdg27RPxjEyz094Jg6u2ir0fyq4GuWK38HGiJl8o3VSMr_lE10g3b39wQiubmBTQkdYUpx23ybefvhhGIx46ceI4F2hM_7apQfMiwTZBMbO8sXETz000D_yJLeeazecb8SHHEnm-e9y6ui2m7D73ZVdgMlDSdnkHDbh0zjHSvJjhbFdcy5HvPWTo0hf9bcyMg",
    ),
    (
        Algorithm::Es256,
        "eyJhbGciOiJFUzI1NiIsImtpZCI6IkVTMjU2In0.Y2xhaW1nYXRl.EgxvX-M-5ZGEz-qBpkKQARcFmGu2Xv2TIPhoG_zsIHF2ztv9kelQL4OY__2gYX-Qcv_P-fFYRY3Bh-r9cVQSmw",
    ),
    (
        Algorithm::Es384,
        "eyJhbGciOiJFUzM4NCIsImtpZCI6IkVTMzg0In0.Y2xhaW1nYXRl.4rG0mCwRu-sNChBaW8LwmZXE3yJfWzUAhupDE3370yP-24F8_epLxMnwqyr9FL3JwpyEHd9MW86C1NzmfVIA3S3sV4_LGK0pwfkwAxjaGIbMyaAi3yfIBM0vMDIDDyhu",
    ),
    (
        Algorithm::Es512,
        "eyJhbGciOiJFUzUxMiIsImtpZCI6IkVTNTEyIn0.Y2xhaW1nYXRl.AMoQOOJ_gM0Eyu4blgDcnWiyuWskoZJAHFC1XB7aS1_AmoPC95NGdEIH3Li9GWFAiyERg-81k2pTR_69YPdroWVgADgpo8nWzrjRd0ddjinBgDwZJ_6PSGes4W5USBeSmuM7S0gsgE3SZ0Ka1YGo8Hny62nZ0CfuRC6uooyaPb65yoFc",
    ),
    (
        Algorithm::EdDsa,
        "eyJhbGciOiJFZERTQSIsImtpZCI6ImUifQ.Y2xhaW1nYXRl.1QIoJSD5qzJ0PltctN3IjujsUWt0WaDbGx3-B-OTWH2BH4NsQGO3AHN7hC0K2Fu7ftKOWqQvQY9Qg0Bl8PgYDA",
    ),
];
