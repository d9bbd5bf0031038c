/** The kinds of upload, their canonical columns, and by what other names a file may call them. */

export const uploadKinds = [
  "subscriptions",
  "mrr_by_month",
  "transactions",
  "spend",
  "customers",
  "fx_rates",
] as const;
export type UploadKind = (typeof uploadKinds)[number];

/** Without a `kind`, the first of these whose required columns all match is taken. */
export const detectedKinds = [
  "subscriptions",
  "mrr_by_month",
  "transactions",
  "spend",
  "fx_rates",
  "customers",
] as const satisfies readonly UploadKind[];

/** What a cell of a column must hold. */
export type ColumnType =
  | "key"
  | "text"
  | "amount"
  | "positive"
  | "percent"
  | "count"
  | "date"
  | "month"
  | "currency"
  | "interval"
  | "status"
  | "churned";

export interface CanonicalColumn {
  name: string;
  type: ColumnType;
  required: boolean;
  /** Compared without case, spaces and punctuation; the canonical name itself is always one. */
  synonyms: readonly string[];
  /** One line for the mapping page. */
  help: string;
}

const column = (
  name: string,
  type: ColumnType,
  help: string,
  synonyms: string,
  required = false,
): CanonicalColumn => ({ name, type, help, required, synonyms: synonyms.split(" ").filter(Boolean) });

const customerId = column(
  "customer_id",
  "key",
  "Your own id of the customer",
  "customer customerno customernumber customerkey customerref clientid client account accountid userid user companyid company cid",
  true,
);
const customerName = column(
  "customer_name",
  "text",
  "Name of the customer",
  "customername name clientname companyname accountname",
);
const customerEmail = column(
  "customer_email",
  "text",
  "E-mail address of the customer",
  "email mail emailaddress useremail clientemail",
);
const currency = column(
  "currency",
  "currency",
  "Three letters such as USD; without it the organisation's",
  "currencycode ccy cur iso4217",
);
const country = column(
  "country",
  "text",
  "Country of the customer",
  "countrycode customercountry billingcountry",
);
const signup = column(
  "signup_at",
  "date",
  "When the customer signed up",
  "signup signupdate signedup signedupat signupday registered registeredat registrationdate customersince joined joinedat customercreatedat",
);

export const canonicalColumns = {
  subscriptions: [
    customerId,
    customerName,
    customerEmail,
    country,
    column(
      "subscription_id",
      "key",
      "Rows with one subscription id are its versions",
      "subscription sub subid subscriptionno subscriptionnumber contractid subscriptionref",
    ),
    column(
      "plan",
      "text",
      "Name of the plan or product",
      "planname product productname planid tier package pricename sku",
    ),
    column(
      "amount",
      "positive",
      "Price of one unit for one billing interval",
      "price unitprice unitamount planamount planprice amountperinterval",
      true,
    ),
    currency,
    column(
      "interval",
      "interval",
      "day, week, month or year; without it a month",
      "billinginterval billingperiod period frequency billingfrequency billingcycle cycle intervalunit term",
    ),
    column(
      "interval_count",
      "count",
      "Intervals per billing period: 3 with month is a quarter",
      "intervals billingintervalcount periods",
    ),
    column(
      "quantity",
      "positive",
      "How many units; without it 1",
      "qty seats units licenses licences numberofseats",
    ),
    column(
      "discount_percent",
      "percent",
      "Recurring discount in percent",
      "percentoff discountpct discountrate percentdiscount couponpercentoff",
    ),
    column(
      "discount_amount",
      "positive",
      "Recurring discount per billing period, after the percent",
      "amountoff discountvalue couponamountoff",
    ),
    column(
      "started_at",
      "date",
      "First day of this version",
      "start startdate startat started startedon subscriptionstart subscriptionstartdate validfrom fromdate begin begindate activationdate activatedat currentfrom startsat startson",
      true,
    ),
    column(
      "ended_at",
      "date",
      "First day that is no longer paid",
      "end enddate endat ended endedon subscriptionend subscriptionenddate validto validuntil todate canceledat cancelledat cancellationdate terminationdate endsat endson churnedat churndate",
    ),
    column(
      "trial_end",
      "date",
      "Until then it is a trial and pays nothing",
      "trialends trialendsat trialendat trialenddate trialuntil",
    ),
    column(
      "status",
      "status",
      "active, trialing, past_due, unpaid, paused or canceled",
      "state subscriptionstatus subscriptionstate",
    ),
    signup,
  ],
  mrr_by_month: [
    customerId,
    column("month", "month", "The month of the amount", "period yearmonth monthyear mrrmonth", true),
    column(
      "mrr",
      "positive",
      "Monthly recurring revenue in that month",
      "monthlyrecurringrevenue mrramount recurringrevenue amount value",
      true,
    ),
    currency,
    customerName,
    customerEmail,
    country,
    signup,
  ],
  transactions: [
    customerId,
    column(
      "date",
      "date",
      "When it happened",
      "transactiondate timestamp datetime day paidat paymentdate purchasedate orderdate invoicedate occurredat",
      true,
    ),
    column("amount", "amount", "What was paid or refunded", "value total price revenue paid sum gross net"),
    currency,
    customerName,
    customerEmail,
    country,
    signup,
  ],
  spend: [
    column("month", "month", "The month of the spend", "period date yearmonth monthyear", true),
    column("category", "text", "What it was spent on", "type channel costcenter department account"),
    column("amount", "amount", "What was spent", "spend cost value total expense", true),
    currency,
  ],
  customers: [
    { ...customerId, synonyms: [...customerId.synonyms, "id"] },
    column(
      "name",
      "text",
      "Name of the customer",
      "customername clientname companyname fullname accountname",
    ),
    column(
      "email",
      "text",
      "E-mail address of the customer",
      "customeremail mail emailaddress useremail clientemail",
    ),
    country,
    { ...signup, synonyms: [...signup.synonyms, "created", "createdat", "createdon"] },
    column(
      "churned",
      "churned",
      "yes or no, a probability from 0 to 1, or the date",
      "churn haschurned ischurned churnflag churnlabel churnprobability churnscore churnedat churndate churnvalue",
    ),
  ],
  fx_rates: [
    column("date", "date", "From this day on", "day ratedate validfrom", true),
    column(
      "from",
      "currency",
      "One unit of this currency …",
      "fromcurrency base basecurrency sourcecurrency",
      true,
    ),
    column(
      "to",
      "currency",
      "… is worth `rate` of this one",
      "tocurrency quote quotecurrency targetcurrency",
      true,
    ),
    column("rate", "positive", "Above 0", "fxrate exchangerate", true),
  ],
} as const satisfies Record<UploadKind, readonly CanonicalColumn[]>;

/** The columns of a kind as plain data. */
export const columnsOf = (kind: UploadKind): readonly CanonicalColumn[] => canonicalColumns[kind];

/** How names are compared: `Customer ID`, `customerId` and `customer_id` are one. */
export const looseName = (name: string): string =>
  name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "");

/** Words of the mapping page. */
export const kindLabels = {
  subscriptions: "Subscriptions",
  mrr_by_month: "MRR by month",
  customers: "Customers",
  transactions: "Transactions",
  spend: "Spend",
  fx_rates: "Exchange rates",
} as const satisfies Record<UploadKind, string>;
