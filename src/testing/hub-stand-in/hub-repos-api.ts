import { buffer } from 'node:stream/consumers';
import { FIRST_ATTRIBUTES } from './git-attributes.js';
import { type HubAccounts, Refusal, whoAmI } from './hub-account.js';
import { readCard } from './hub-card.js';
import { HubRepo, type HubRepoType } from './hub-repo.js';
import { answerJson, type HubRequest } from './hub-request.js';

interface Asked extends Pick<HubRequest, 'request' | 'response' | 'url' | 'base'> {
  token: string | null;
  accounts: HubAccounts;
  repos: HubRepo[];
}

interface Wanted {
  name?: string;
  organization?: string | null;
  type?: string;
  visibility?: string;
  private?: boolean;
}

/** Answers what belongs to no repository: who somebody is, repositories made and deleted, cards checked. @returns whether it did @throws Refusal */
export async function answerReposApi(asked: Asked): Promise<boolean> {
  const { request, response, url, token, accounts } = asked;
  const action = `${request.method} ${url.pathname}`;
  if (action === 'GET /api/whoami-v2') {
    const account = accounts.of(token);
    if (!account) throw new Refusal(401, 'Invalid username or password.');
    answerJson(response, whoAmI(account));
  } else if (action === 'POST /api/repos/create') answerJson(response, create(asked, await wanted(asked)));
  else if (action === 'DELETE /api/repos/delete') answerJson(response, remove(asked, await wanted(asked)));
  else if (action === 'POST /api/validate-yaml') answerJson(response, validate(await wanted(asked)));
  else return false;
  return true;
}

async function wanted({ request }: Asked): Promise<Wanted & { content?: string }> {
  try {
    return JSON.parse((await buffer(request)).toString());
  } catch {
    throw new Refusal(400, 'Invalid JSON');
  }
}

function named({ token, accounts }: Asked, { name = '', organization, type: kind = 'model' }: Wanted) {
  const type: HubRepoType = kind === 'dataset' ? 'dataset' : 'model';
  const namespace = organization ?? accounts.of(token)?.user ?? '';
  accounts.writer(token, namespace, `You don't have the rights to create a ${type} under the namespace "${namespace}"`);
  if (!/^(?!.*(?:--|\.\.))[\w.-]{1,96}$/.test(name)) throw new Refusal(400, `Invalid repo name: ${name}`);
  return { type, id: `${namespace}/${name}` };
}

function create(asked: Asked, body: Wanted): object {
  const { type, id } = named(asked, body);
  const url = `${asked.base}/${type === 'dataset' ? 'datasets/' : ''}${id}`;
  if (asked.repos.some((repo) => repo.isNamed(type, id) === 'yes')) {
    throw new Refusal(409, `You already created this ${type} repo`, null, { url });
  }
  const isPrivate = body.visibility === 'private' || (body.visibility === undefined && body.private === true);
  const repo = new HubRepo({ type, id, isPrivate });
  repo.commit({ files: { '.gitattributes': FIRST_ATTRIBUTES }, title: 'initial commit' });
  asked.repos.push(repo);
  return { url, name: id, id };
}

function remove(asked: Asked, body: Wanted): object {
  const { type, id } = named(asked, body);
  const index = asked.repos.findIndex((repo) => repo.isNamed(type, id) === 'yes');
  if (index === -1) throw new Refusal(404, 'Repository not found', 'RepoNotFound');
  asked.repos.splice(index, 1);
  return { success: true };
}

function validate({ content = '' }: { content?: string }): object {
  try {
    readCard(content);
    return { errors: [], warnings: [] };
  } catch (error) {
    throw new Refusal(400, (error as Error).message, null, {
      errors: [{ message: (error as Error).message }],
      warnings: [],
    });
  }
}
