/** Who a token belongs to, and what it may do. */
export interface HubAccount {
  token: string;
  user: string;
  orgs?: readonly string[];
  /** What the token may do. `fineGrained` writes where `user` and `orgs` say, and does not tell so. */
  role: 'read' | 'write' | 'fineGrained';
  /** Most bytes of large files in the private repositories of `user`. */
  quotaBytes?: number;
}

/** A request that is refused, in the Hub's words. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Null: the Hub names none. */
    readonly code: string | null = null,
    readonly facts: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** Those who are known to a stand-in of the Hub. Where nobody is named, every token may read and write everything. */
export class HubAccounts {
  constructor(private readonly known: readonly HubAccount[]) {}

  /**
   * @param token null: none was sent
   * @throws Refusal for one that is not known
   */
  of(token: string | null): HubAccount | null {
    if (token === null) return null;
    if (this.known.length === 0) return { token, user: 'me', role: 'write' };
    const found = this.known.find((account) => account.token === token);
    if (!found) throw new Refusal(401, 'Invalid credentials in Authorization header');
    return found;
  }

  /** Whether somebody may see a private repository. */
  maySee(account: HubAccount | null, id: string): boolean {
    return account !== null && this.#isOwn(account, id.split('/')[0] ?? '');
  }

  /**
   * @returns who asks
   * @throws Refusal where the token may not write below a namespace
   */
  writer(token: string | null, namespace: string, refusal: string): HubAccount {
    const account = this.of(token);
    if (!account) throw new Refusal(401, 'Invalid username or password.');
    if (account.role === 'read') {
      const words = 'you must use a write token to upload to a repository.';
      throw new Refusal(403, `Forbidden: ${words}`);
    }
    if (!this.#isOwn(account, namespace)) throw new Refusal(403, refusal);
    return account;
  }

  #isOwn({ user, orgs = [] }: HubAccount, namespace: string): boolean {
    return this.known.length === 0 || user === namespace || orgs.includes(namespace);
  }
}

/** `/api/whoami-v2` */
export function whoAmI({ user, orgs = [], role }: HubAccount): object {
  const accessToken = { displayName: 'stand-in', role, createdAt: '2024-01-01T00:00:00.000Z' };
  return {
    type: 'user',
    id: Buffer.from(user).toString('hex').padEnd(24, '0').slice(0, 24),
    name: user,
    fullname: user,
    email: `${user}@example.org`,
    emailVerified: true,
    canPay: false,
    isPro: false,
    periodEnd: null,
    avatarUrl: '/avatars/stand-in.svg',
    orgs: orgs.map((name) => ({
      type: 'org',
      id: name,
      name,
      fullname: name,
      roleInOrg: 'write',
      isEnterprise: false,
    })),
    auth: { type: 'access_token', accessToken },
  };
}
