package expr

// cipherFunctions are AES.
func cipherFunctions() []Function {
	mode, padding, none := literal("GCM", typeString), literal("DEFAULT", typeString), literal([]byte{}, typeBinary)
	encrypt := filled(6, returns(typeBinary, wantBinary, wantBinary, wantString, wantString, wantBinary), mode, padding, none, none)
	decrypt := filled(5, returns(typeBinary, wantBinary, wantBinary, wantString, wantString, wantBinary), mode, padding, none)
	return []Function{
		scalar("aes_encrypt", 2, 6, "aes_encrypt(a, key[, mode[, padding[, iv[, aad]]]]): AES in mode GCM, CBC or ECB; without iv a random one, before the result", encrypt),
		scalar("aes_decrypt", 2, 5, "aes_decrypt(a, key[, mode[, padding[, aad]]]): what aes_encrypt was given; an error for another key or damage", decrypt),
		scalar("try_aes_decrypt", 2, 5, "try_aes_decrypt(a, key[, mode[, padding[, aad]]]): aes_decrypt, NULL where it fails", orNull(decrypt)),
	}
}
