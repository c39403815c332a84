// Mail: what lies in the maildir of a data folder, taken apart.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';

export async function mailsOf(data) {
  const folder = join(data, 'mail', 'new');
  if (!existsSync(folder)) return [];
  return Promise.all(readdirSync(folder).sort().map(async (name) => {
    const mail = await simpleParser(readFileSync(join(folder, name)));
    return {
      name,
      to: (mail.to?.value ?? []).map((one) => one.address.toLowerCase()),
      from: mail.from?.text ?? '',
      subject: mail.subject ?? '',
      text: mail.text ?? '',
      html: mail.html || '',
      id: mail.messageId,
    };
  }));
}

// The nth (0 is the first) mail to the address, waited for.
export async function awaitMail(data, address, nth, patience) {
  const until = Date.now() + patience;
  for (;;) {
    const found = (await mailsOf(data)).filter((mail) => mail.to.includes(address.toLowerCase()));
    if (found.length > nth) return found[nth];
    if (Date.now() > until) return null;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}
