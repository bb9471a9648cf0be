// Texts that nobody reads without the operator's key: AES-256-GCM, the key derived from his words by scrypt.
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";

const keyBytes = 32;
const method = "aes-256-gcm";
/** `1.SALT.NONCE.TAG.TEXT`, each in base64. */
const version = "1";

/** One key for all texts of one backup. */
export function sealer(words: string): (text: string) => string {
  const salt = randomBytes(16);
  const key = scryptSync(words, salt, keyBytes);
  return (text) => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv(method, key, nonce);
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return [version, ...[salt, nonce, cipher.getAuthTag(), sealed].map((part) => part.toString("base64"))].join(".");
  };
}
/** Null: other words, or it was changed. */
export function opener(words: string): (sealed: string) => string | null {
  const keys = new Map<string, Buffer>();
  return (sealed) => {
    const [of, salt = "", nonce = "", tag = "", text = ""] = sealed.split(".");
    if (of !== version) return null;
    const key = keys.get(salt) ?? scryptSync(words, Buffer.from(salt, "base64"), keyBytes);
    keys.set(salt, key);
    try {
      const decipher = createDecipheriv(method, key, Buffer.from(nonce, "base64"));
      decipher.setAuthTag(Buffer.from(tag, "base64"));
      return Buffer.concat([decipher.update(Buffer.from(text, "base64")), decipher.final()]).toString("utf8");
    } catch {
      return null;
    }
  };
}
