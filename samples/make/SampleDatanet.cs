using OpenLedger.Training.Corpora;

namespace OpenLedger.Samples;

/// <summary>What a sample Datanet is about and who, by invented names, brings it.</summary>
/// <param name="Domain">Where its facts come from; its name is the folder's.</param>
/// <param name="Title">For people.</param>
/// <param name="Description">One sentence, honest about the origin.</param>
/// <param name="Contributors">Sixteen invented names.</param>
sealed record SampleDatanet(WordNetDomain Domain, string Title, string Description, string[] Contributors)
{
    public static IReadOnlyList<SampleDatanet> All { get; } =
    [
        new(
            WordNetDomain.Ailments,
            "Ailments",
            "Illnesses, injuries, symptoms and disorders with a short definition each, from WordNet 3.0.",
            [
                "Harbour Clinic", "Old Town Pharmacy", "Saint Brigid Hospital", "Hillside Practice", "Lakeshore Nursing School",
                "Mill Road Surgery", "Northern Ambulance Service", "Riverbank Physiotherapy", "Market Square Dentists",
                "Green Valley Veterinarians", "Lighthouse Eye Hospital", "Cedar Lane Hospice", "Station Street Laboratory",
                "Meadow Children's Ward", "Island Health Post", "Castle Hill Library of Medicine",
            ]),
        new(
            WordNetDomain.Money,
            "Money and trade",
            "Money, property, debts, taxes and trade with a short definition each, from WordNet 3.0.",
            [
                "Harbour Savings Bank", "Old Town Credit Union", "Granite Insurance Mutual", "Hillside Notaries", "Lakeshore Accountants",
                "Mill Road Pawnbrokers", "Northern Freight Exchange", "Riverbank Tax Advisers", "Market Square Auctioneers",
                "Green Valley Farm Credit", "Lighthouse Pension Fund", "Cedar Lane Estate Agents", "Station Street Bureau of Exchange",
                "Meadow Microfinance", "Island Customs House", "Castle Hill School of Commerce",
            ]),
        new(
            WordNetDomain.Food,
            "Food and drink",
            "Dishes, ingredients and drinks with a short definition each, from WordNet 3.0.",
            [
                "Harbour Fish Kitchen", "Old Town Bakery", "Saint Brigid Brewery", "Hillside Orchard", "Lakeshore Catering School",
                "Mill Road Grocers", "Northern Dairy Cooperative", "Riverbank Tea Room", "Market Square Butchers",
                "Green Valley Vineyard", "Lighthouse Diner", "Cedar Lane Confectioners", "Station Street Canteen",
                "Meadow Beekeepers", "Island Spice Trading", "Castle Hill Cookbook Club",
            ]),
    ];
}
