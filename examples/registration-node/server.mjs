// A registration hook without any package: the working example of Okta's
// registration inline hook guide, with the refusals of its reference page.
// Sign-ups need an example.com address; an employee number that an existing
// user adds needs four digits.

import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const MAX_REQUEST = 1024 * 1024; // bytes; requests have a few kilobytes

/** Decides about one request; gives the body of the answer. */
export function decide(request) {
  if (request.requestType === 'progressive.profile') {
    const number = request.data?.userProfileUpdate?.employeeNumber;
    // What the person did not change is not this service's business.
    if (number === undefined || /^[0-9]{4}$/.test(String(number))) return {};
    return deny('employeeNumber', 'Only employee numbers with 4 digits can register.',
      'INVALID_EMPLOYEE_NUMBER', 'Incorrect employee number. Enter an employee number with 4 digits.');
  }
  const email = request.data?.userProfile?.email;
  if (typeof email === 'string' && /@example\.com$/i.test(email)) return {};
  return deny('email', 'Only example.com emails can register.',
    'INVALID_EMAIL_DOMAIN', 'Incorrect email address. Please contact your admin.');
}

/** Refuses with a text at a field. The summary is for the log of the server. */
function deny(attribute, text, reason, summary) {
  return {
    commands: [{ type: 'com.okta.action.update', value: { registration: 'DENY' } }],
    error: {
      errorSummary: summary,
      errorCauses: [{
        errorSummary: text,
        reason,
        locationType: 'body',
        location: `data.userProfile.${attribute}`, // in progressive profile too
        domain: 'end-user',
      }],
    },
  };
}

/** Compares in a time that does not tell how much of the secret is right. */
function sameSecret(got, want) {
  const digest = (text) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(got), digest(want));
}

/** Reads the body as JSON; gives a status in place of one that is no use. */
async function read(req) {
  const chunks = [];
  let size = 0;
  for await (const chunk of req) {
    size += chunk.length;
    if (size > MAX_REQUEST) return { status: 413 };
    chunks.push(chunk);
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
    const request = JSON.parse(text);
    return request?.eventType === 'com.okta.user.pre-registration' ? { request } : { status: 400 };
  } catch {
    return { status: 400 };
  }
}

// An error status says that a request could not be judged. A refusal is an
// answer like any other, with status 200.
async function answer(req, secret) {
  if (new URL(req.url, 'http://localhost').pathname !== '/registrationHook') return { status: 404 };
  if (!sameSecret(req.headers.authorization ?? '', secret)) return { status: 401 };
  if (req.method !== 'POST') return { status: 405, headers: { Allow: 'POST' } };
  const { request, status } = await read(req);
  return request ? { status: 200, body: decide(request) } : { status };
}

export function service(secret) {
  if (!secret) throw new Error('the secret is empty');
  return createServer((req, res) => {
    answer(req, secret)
      .catch((err) => {
        console.error(err.stack); // for the log alone: the caller learns nothing
        return { status: 500 };
      })
      .then(({ status, headers, body }) => {
        // The rest of a body that is too large, or unwanted, is not waited for.
        if (!req.complete) res.shouldKeepAlive = false;
        const text = body === undefined ? '' : JSON.stringify(body);
        res.writeHead(status, {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(text),
          ...headers,
        });
        res.end(text);
      });
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const server = service(process.env.HOOK_SECRET || 'Basic YWRtaW46c3VwZXJzZWNyZXQ=');
  server.listen(Number(process.env.PORT || 3000), '127.0.0.1', () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}/registrationHook`);
  });
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      server.close();
      server.closeIdleConnections(); // callers keep connections for the next request
    });
  }
}
