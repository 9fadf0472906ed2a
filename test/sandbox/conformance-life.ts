import { afterAll, describe, expect, it } from 'vitest';
import { codeOf } from './code-of.js';
import type { ConformanceSubject } from './conformance.js';
import { conformanceSpec } from './conformance-spec.js';
import { Shell } from './shell.js';

/** Facts about how a sandbox begins and ends. */
export function describeLife(name: string, label: string, subject: ConformanceSubject): void {
  describe(`${name}: life and death`, () => {
    const backend = subject.createBackend();

    afterAll(async () => {
      for (const { id } of await backend.list({ owner: label })) await backend.destroy(id);
      await backend.close();
    });

    it('is lost when its daemon is killed, and says so to all who wait [B4]', async () => {
      const sandbox = await backend.create(conformanceSpec(label));
      const shell = new Shell(sandbox);
      const running = shell.run('echo begun; sleep 1000', { commandId: 'doomed' });
      await shell.until('begun', running, 'doomed');
      const failed = codeOf(running);
      await subject.killDaemon(sandbox.id);
      expect(await sandbox.lost).not.toBe('');
      expect(await failed).toBe('lost');
      expect(await codeOf(shell.run('echo anything'))).toBe('lost');
      expect(await codeOf(backend.adopt(sandbox.id))).toBe('lost');
      await sandbox.destroy();
      expect(await subject.leftovers(sandbox.id)).toEqual([]);
    });

    it('ends by itself when its lifetime is over, with all its processes [B4]', async () => {
      const sandbox = await backend.create(conformanceSpec(label, { lifetimeMs: 600_000 }));
      await new Shell(sandbox).text('sleep 7000 >/dev/null 2>&1 & (setsid sleep 7001 >/dev/null 2>&1 &)');
      await sandbox.setLifetime(300);
      expect(await sandbox.lost).not.toBe('');
      await sandbox.destroy();
      expect(await subject.leftovers(sandbox.id)).toEqual([]);
    });

    it('leaves nothing behind when it is destroyed, however often [B4]', async () => {
      const sandbox = await backend.create(conformanceSpec(label));
      expect(await subject.leftovers(sandbox.id)).not.toEqual([]);
      await new Shell(sandbox).text('sleep 8000 >/dev/null 2>&1 & (setsid sleep 8001 >/dev/null 2>&1 &)');
      await Promise.all([sandbox.destroy(), sandbox.destroy(), backend.destroy(sandbox.id)]);
      await sandbox.destroy();
      await backend.destroy(sandbox.id);
      await backend.destroy('sb-00000000000000000000');
      await backend.destroy('../../etc');
      expect(await subject.leftovers(sandbox.id)).toEqual([]);
      expect(await sandbox.lost).toContain('destroyed');
      expect(await codeOf(new Shell(sandbox).run('true'))).toBe('lost');
    });

    it('is not made for a creation that was given up [B4]', async () => {
      const abort = new AbortController();
      const creation = backend.create(
        conformanceSpec(label, { labels: { owner: label, mark: 'given-up' } }),
        abort.signal,
      );
      abort.abort(new Error('given up'));
      await expect(creation).rejects.toThrow('given up');
      for (const waitMs of [10, 50, 150]) {
        const late = AbortSignal.timeout(waitMs);
        const labels = { owner: label, mark: 'given-up' };
        const made = await backend.create(conformanceSpec(label, { labels }), late).catch(() => null);
        await made?.destroy();
      }
      expect(await backend.list({ owner: label, mark: 'given-up' })).toEqual([]);
    });

    it('says which image is missing [B1]', async () => {
      const creation = backend.create(conformanceSpec(label, { image: 'gymsmith/no-such-image' }));
      expect(await codeOf(creation)).toBe('no_such_image');
    });

    it('tells what an image was made from, the same each time [E4]', async () => {
      const identity = await backend.identify('gymsmith/cpu');
      expect(identity).toMatch(/^[\w:.-]{12,}$/);
      expect(await subject.createBackend().identify('gymsmith/cpu')).toBe(identity);
      expect(await codeOf(backend.identify('gymsmith/no-such-image'))).toBe('no_such_image');
    });

    it('tells whether it can work here [B1]', async () => {
      expect(await backend.probe()).toMatchObject({ available: true, remedy: null });
    });
  });
}
