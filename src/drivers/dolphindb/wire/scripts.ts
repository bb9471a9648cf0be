// Every script that this driver sends, as text. The lab understands them as scripts, not by their letters.

/** A text as a literal of the script language. */
export const quoted = (value: string): string => `"${value.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r")}"`;

/** In front of an effect: the request comes without a session. */
export const login = (user: string, password: string): string => `login(${quoted(user)}, ${quoted(password)}); `;
