/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Public keys for tests, in base64: made for them with openssl, used by nobody. */
#ifndef TESTS_POLICY_KEYS_H
#define TESTS_POLICY_KEYS_H

/* RFC 6376 appendix C. */
#define RSA_RFC                                                            \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkM" \
	"oGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/R" \
	"tdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToI" \
	"MmPSPDdQPNUYckcQ2QIDAQAB"
/* RFC 8463 appendix A.2. */
#define ED25519_RFC "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
/* As SubjectPublicKeyInfo, and bare. */
#define RSA_512                                                            \
	"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAO9tUJNFPeki+jOsJM6u6Hd5uaT0FTat" \
	"tU7iA/5ag/03ec0TAdfSXKivQZwvMzJWYG3V9wehtJxkNwFkTpwQL4cCAwEAAQ=="
#define RSA_1024                                                           \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDzTvOeZoNan9ic00PYy3ZAfq0q" \
	"ViTlCeFaqm+2tbVUcvOcBRG4zHqNvedJzqnrhfCpcjN5XenmXHnZF7v2KO1yFZ5i" \
	"yOgcaUWY6le2F5oLack66PTW41dCll1iYTXesRpbqgHPP0JuWhP80n00Kj9n+nvY" \
	"B1xvTbZwtQWwhbNlywIDAQAB"
#define RSA_2048                                                           \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAmDVCqMf4maVDC6lq/vWE" \
	"eKDD9KghpvSaDEajd+8SbhB5Mj30DhdvDX/8sT3oWlsAnQFj/rnYhguwcyQGdZBc" \
	"XeyZkZduht+yOhhrB15ZCcngeXDaprliE8WBkjkireWdqyncknJrIW//DpxGR7aK" \
	"985vn9cAUqtVzscOQ+zyX/Zq50NiSwVj8xuRnRTZOLjmD/PXao/1JauVAFvgs+F6" \
	"fqt5uOi2QC3wp9s2/0fKFmLI10vWUv84/K51Dprv3fv4i3M9X8DT31O8gs1ISkGJ" \
	"nL3FSkOoo5Kze4K22w0eQKGn3hUOC5lkaqYi9zEVIuCL2M68T1nzsmId+ZNu9ZeB" \
	"MQIDAQAB"
#define RSA_2048_BARE                                                      \
	"MIIBCgKCAQEAmDVCqMf4maVDC6lq/vWEeKDD9KghpvSaDEajd+8SbhB5Mj30Dhdv" \
	"DX/8sT3oWlsAnQFj/rnYhguwcyQGdZBcXeyZkZduht+yOhhrB15ZCcngeXDaprli" \
	"E8WBkjkireWdqyncknJrIW//DpxGR7aK985vn9cAUqtVzscOQ+zyX/Zq50NiSwVj" \
	"8xuRnRTZOLjmD/PXao/1JauVAFvgs+F6fqt5uOi2QC3wp9s2/0fKFmLI10vWUv84" \
	"/K51Dprv3fv4i3M9X8DT31O8gs1ISkGJnL3FSkOoo5Kze4K22w0eQKGn3hUOC5lk" \
	"aqYi9zEVIuCL2M68T1nzsmId+ZNu9ZeBMQIDAQAB"

/* RSA_1024 with the last bit of its modulus cleared. */
#define RSA_EVEN                                                             \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDzTvOeZoNan9ic00PYy3ZAfq0qVi" \
	"TlCeFaqm+2tbVUcvOcBRG4zHqNvedJzqnrhfCpcjN5XenmXHnZF7v2KO1yFZ5iyOgc" \
	"aUWY6le2F5oLack66PTW41dCll1iYTXesRpbqgHPP0JuWhP80n00Kj9n+nvYB1xvTb" \
	"ZwtQWwhbNlygIDAQAB"

#endif
