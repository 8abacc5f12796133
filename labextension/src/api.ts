import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import {
  Answer,
  IApi,
  IDetails,
  IEnvironments,
  IHealth,
  IKernelEnvironment,
  IPreview,
  IProblem,
  ITask
} from './contract';
import { ITrans } from './words';

/** The REST API below `/gokernel`; nothing here ever rejects. */
export class Api implements IApi {
  constructor(
    private _settings: ServerConnection.ISettings,
    private _trans: ITrans
  ) {}

  health(): Promise<Answer<IHealth>> {
    return this._request('GET', ['health']);
  }

  report(): Promise<Answer<string>> {
    return this._request('GET', ['report'], undefined, text => text);
  }

  async environments(): Promise<Answer<IEnvironments>> {
    const answer = await this._request<Partial<IEnvironments>>('GET', [
      'environments'
    ]);
    if (!answer.ok) {
      return answer;
    }
    const { environments, hub } = answer.value;
    return {
      ok: true,
      value: { environments: environments ?? [], hub: hub ?? null }
    };
  }

  environment(id: string): Promise<Answer<IDetails>> {
    return this._request('GET', ['environments', id]);
  }

  check(environment: string, deep: boolean): Promise<Answer<ITask>> {
    const path = environment
      ? ['environments', environment, 'checks']
      : ['checks'];
    return this._request('POST', path, { deep, checks: [] });
  }

  preview(environment: string, fix: string): Promise<Answer<IPreview>> {
    return this._request('GET', ['environments', environment, 'fixes', fix]);
  }

  fix(environment: string, fix: string, token: string): Promise<Answer<ITask>> {
    return this._request('POST', ['environments', environment, 'fixes', fix], {
      token
    });
  }

  task(id: string): Promise<Answer<ITask>> {
    return this._request('GET', ['tasks', id]);
  }

  cancel(id: string): Promise<Answer<null>> {
    return this._request('DELETE', ['tasks', id]);
  }

  variables(kernel: string): Promise<Answer<IKernelEnvironment>> {
    return this._request('GET', ['kernels', kernel, 'environment']);
  }

  private async _request<T>(
    method: string,
    path: readonly string[],
    body?: unknown,
    understand: (text: string) => T = asJson
  ): Promise<Answer<T>> {
    const url = URLExt.join(
      this._settings.baseUrl,
      'gokernel',
      ...path.map(part => encodeURIComponent(part))
    );
    const init: RequestInit = { method };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { 'Content-Type': 'application/json' };
    }
    try {
      const response = await ServerConnection.makeRequest(
        url,
        init,
        this._settings
      );
      const text = await response.text();
      if (response.ok) {
        return { ok: true, value: understand(text) };
      }
      return { ok: false, problem: this._problem(response.status, text) };
    } catch {
      const message = this._trans.__('The server does not answer.');
      return {
        ok: false,
        problem: { message, reason: '', remedy: null, http: 0 }
      };
    }
  }

  /** What the server says of a failure; a sentence of ours where it says nothing usable. */
  private _problem(http: number, text: string): IProblem {
    let said: Partial<IProblem> = {};
    try {
      said = JSON.parse(text) ?? {};
    } catch {
      // A proxy's page: nothing to show.
    }
    return {
      message: said.message || this._trans.__('The server answered %1.', http),
      reason: said.reason ?? '',
      remedy: said.remedy?.text
        ? { text: said.remedy.text, commands: said.remedy.commands ?? [] }
        : null,
      http
    };
  }
}

function asJson<T>(text: string): T {
  return (text ? JSON.parse(text) : null) as T;
}
