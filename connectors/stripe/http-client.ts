import Stripe from "stripe";

type HttpClient = ReturnType<typeof Stripe.createNodeHttpClient>;

/**
 * The SDK's own client, but for one thing: an answer that is JSON and no object (a proxy's `null`) makes the SDK throw where
 * nobody can catch it, which would end the process.
 */
export function createHttpClient(): HttpClient {
  const client = Stripe.createNodeHttpClient();
  return {
    getClientName: () => client.getClientName(),
    makeRequest: async (...request) => {
      const response = await client.makeRequest(...request);
      const toJson = response.toJSON.bind(response);
      response.toJSON = async () => {
        const json: unknown = await toJson();
        if (typeof json !== "object" || json === null) throw new SyntaxError("the answer is no object");
        return json;
      };
      return response;
    },
  };
}
