import Stripe from "stripe";

type HttpClient = ReturnType<typeof Stripe.createNodeHttpClient>;

/**
 * The SDK's own client, but for two things. An answer that is JSON and no object (a proxy's `null`) makes the SDK throw where nobody
 * can catch it, which would end the process. And of a refusal that is no JSON (a proxy's page) it forgets the status.
 */
export function createHttpClient(): HttpClient {
  const client = Stripe.createNodeHttpClient();
  return {
    getClientName: () => client.getClientName(),
    makeRequest: async (...request) => {
      const response = await client.makeRequest(...request);
      const toJson = response.toJSON.bind(response);
      response.toJSON = async () => {
        const json: unknown = await toJson().catch((error: unknown) => {
          // cut in the middle, not another language
          if (!(error instanceof SyntaxError)) throw error;
          return null;
        });
        if (typeof json === "object" && json !== null) return json;
        if (response.getStatusCode() < 400) throw new SyntaxError("the answer is no object");
        return { error: { type: "api_error", message: `HTTP ${response.getStatusCode()}` } };
      };
      return response;
    },
  };
}
